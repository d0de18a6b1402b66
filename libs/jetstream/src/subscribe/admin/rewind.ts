import { type CheckedStart, type RewindPreview, StoreUnavailable } from '@annals/core';
import type { EventCounter } from '../../read/event-counter.ts';
import type { StreamBinding } from '../../topology/stream-binding.ts';
import type { Topology } from '../../topology/topology.ts';
import { concernedStreams } from '../consumer/concerned-streams.ts';
import type { ConsumerApi } from '../consumer/consumer-api.ts';
import type { StartSequences } from '../consumer/start-sequence.ts';
import type { SubscriptionRecord } from '../consumer/subscription-record.ts';
import { durableName } from '../subscription-names.ts';

export interface RewindParts {
  readonly api: ConsumerApi;
  readonly counter: EventCounter;
  readonly starts: StartSequences;
  readonly topology: Topology;
}

/** Events that come in while it is counted blur the difference of two counts: then it is counted again. */
const COUNT_ATTEMPTS = 5;

type Counts = Pick<RewindPreview, 'events' | 'again' | 'skipped'>;

/** Tells what setting a subscription to another place means. */
export class Rewind {
  constructor(private readonly parts: RewindParts) {}

  /** @throws StoreUnavailable also where a consumer is not there */
  async preview({ definition }: SubscriptionRecord, to: CheckedStart): Promise<RewindPreview> {
    const { starts, topology } = this.parts;
    const preview = { events: 0, again: 0, skipped: 0 };
    const from: { stream: string; sequence: number }[] = [];
    for (const binding of concernedStreams(topology, definition.filter)) {
      const { sequence } = await starts.resolve(to, binding.name);
      const counts = await this.countsIn(definition, binding, sequence);
      preview.events += counts.events;
      preview.again += counts.again;
      preview.skipped += counts.skipped;
      from.push({ stream: binding.name, sequence });
    }
    return { ...preview, from };
  }

  private async countsIn(
    { name, filter }: SubscriptionRecord['definition'],
    binding: StreamBinding,
    sequence: number,
  ): Promise<Counts> {
    const { api, counter } = this.parts;
    const info = await api.info(binding.name, durableName(name));
    if (!info) throw new StoreUnavailable(`somebody removed the consumer ${durableName(name)} at this moment`);
    const floor = info.ack_floor.stream_seq;
    const delivered = Math.max(floor, info.delivered.stream_seq);
    const from = (first: number): Promise<number> => counter.count(binding, filter, first);
    for (let attempt = 1; ; attempt++) {
      const behindFloor = await from(floor + 1);
      const events = await from(sequence);
      const behindDelivered = delivered === floor ? behindFloor : await from(delivered + 1);
      const moved = (await from(floor + 1)) !== behindFloor;
      if (moved && attempt < COUNT_ATTEMPTS) continue;
      if (sequence <= floor + 1) return { events, again: Math.max(0, events - behindDelivered), skipped: 0 };
      // What is in hand between is not settled; which of it is, is known by number only.
      const passed = behindFloor - Math.max(events, behindDelivered);
      const unsettled = Math.min(Math.max(0, passed), info.num_ack_pending);
      return {
        events,
        again: Math.max(0, events - behindDelivered),
        skipped: Math.max(0, behindDelivered - events) + unsettled,
      };
    }
  }
}
