import type { SubscriptionStatus, SubscriptionStreamStatus } from '@annals/core';
import type { RequestChannel } from '../../connection/request-channel.ts';
import type { ParkedAggregates } from '../../dead-letter/letter-box.ts';
import type { RedeliveryQueue } from '../../dead-letter/redelivery.ts';
import { countSubjects } from '../../dead-letter/subject-count.ts';
import type { EventCounter } from '../../read/event-counter.ts';
import { streamState } from '../../scan/stream-state.ts';
import type { StreamBinding } from '../../topology/stream-binding.ts';
import type { Topology } from '../../topology/topology.ts';
import { concernedStreams } from '../consumer/concerned-streams.ts';
import type { ConsumerApi, ConsumerInfo } from '../consumer/consumer-api.ts';
import type { SubscriptionRecord } from '../consumer/subscription-record.ts';
import type { SubscriptionRecords } from '../consumer/subscription-records.ts';
import { DEAD_LETTER_STREAM, deadLetterFilter, durableName } from '../subscription-names.ts';
import { StallWatch } from './stall-watch.ts';

export interface StatusParts {
  readonly api: ConsumerApi;
  readonly channel: RequestChannel;
  readonly records: SubscriptionRecords;
  readonly counter: EventCounter;
  readonly topology: Topology;
  readonly parked: ParkedAggregates;
  readonly redeliveries: Pick<RedeliveryQueue, 'waiting'>;
  readonly stalls: StallWatch;
}

interface StreamLook {
  readonly status: SubscriptionStreamStatus;
  /** Undefined where the consumer is not there. */
  readonly info: ConsumerInfo | undefined;
}

/** Reads what is known of a subscription from the server; nothing of it depends on which process asks. */
export class SubscriptionStatuses {
  constructor(private readonly parts: StatusParts) {}

  /** @throws StoreUnavailable */
  async of(record: SubscriptionRecord): Promise<SubscriptionStatus> {
    const { channel, topology, redeliveries } = this.parts;
    const { definition, createdAt } = record;
    const { name } = definition;
    const bindings = concernedStreams(topology, definition.filter);
    const [looks, waitingAgain, deadLetters, parkedAggregates] = await Promise.all([
      Promise.all(bindings.map((binding) => this.look(record, binding))),
      redeliveries.waiting(name),
      countSubjects(channel, DEAD_LETTER_STREAM, deadLetterFilter(name)),
      this.parkedAggregates(record, bindings),
    ]);
    const streams = looks.map(({ status }) => status);
    const infos = looks.flatMap(({ info }) => info ?? []);
    const lastDeliveredAt = latest(infos.map(({ delivered }) => delivered.last_active));
    const lastSettledAt = latest(infos.map(({ ack_floor }) => ack_floor.last_active));
    return {
      ...definition,
      state: await this.stateOf(record, looks),
      createdAt,
      pending: sum(streams, ({ pending }) => pending),
      ackPending: sum(streams, ({ ackPending }) => ackPending),
      redelivered: sum(streams, ({ redelivered }) => redelivered),
      redeliveries: waitingAgain,
      deadLetters,
      parkedAggregates,
      // A process asks in every stream.
      waiting: Math.max(0, ...infos.map(({ num_waiting }) => num_waiting)),
      ...(lastDeliveredAt !== undefined && { lastDeliveredAt }),
      ...(lastSettledAt !== undefined && { lastSettledAt }),
      streams,
    };
  }

  /** True when events wait and none is settled; costs less than the whole status. @throws StoreUnavailable */
  async isStalled(record: SubscriptionRecord): Promise<boolean> {
    if (record.paused) return false;
    const { api, topology } = this.parts;
    const name = durableName(record.definition.name);
    for (const binding of concernedStreams(topology, record.definition.filter)) {
      const info = await api.info(binding.name, name);
      if (info && (await this.isConsumerStalled(record, binding.name, info))) return true;
    }
    return false;
  }

  private async look(record: SubscriptionRecord, binding: StreamBinding): Promise<StreamLook> {
    const { api, channel } = this.parts;
    const info = await api.info(binding.name, durableName(record.definition.name));
    // Behind the consumer, so that it never seems to be ahead of its stream.
    const { lastSequence } = await streamState(channel, binding.name);
    const status = { stream: binding.name, lastSequence };
    if (!info) return { status: { ...status, ...(await this.vanished(record, binding)) }, info };
    return {
      status: {
        ...status,
        checkpoint: info.ack_floor.stream_seq,
        delivered: info.delivered.stream_seq,
        pending: info.num_pending,
        ackPending: info.num_ack_pending,
        redelivered: info.num_redelivered,
      },
      info,
    };
  }

  /** What the consumer will have to do once it is made anew. */
  private async vanished(
    { definition, starts }: SubscriptionRecord,
    binding: StreamBinding,
  ): Promise<Omit<SubscriptionStreamStatus, 'stream' | 'lastSequence'>> {
    const { counter, records } = this.parts;
    const { record } = await records.checkpoint(binding.name, definition.name);
    const checkpoint = record?.floor ?? (starts[binding.name]?.sequence ?? 1) - 1;
    const pending = await counter.count(binding, definition.filter, checkpoint + 1);
    return { checkpoint, delivered: checkpoint, pending, ackPending: 0, redelivered: 0 };
  }

  private async parkedAggregates(
    { definition }: SubscriptionRecord,
    bindings: readonly StreamBinding[],
  ): Promise<number> {
    if (definition.mode !== 'ordered') return 0;
    const parked = await Promise.all(bindings.map(({ name }) => this.parts.parked.load(definition.name, name)));
    return parked.reduce((count, lanes) => count + lanes.size, 0);
  }

  private async stateOf(
    record: SubscriptionRecord,
    looks: readonly StreamLook[],
  ): Promise<SubscriptionStatus['state']> {
    if (record.paused) return 'paused';
    if (looks.every(({ status }) => status.pending + status.ackPending === 0)) return 'live';
    for (const { status, info } of looks) {
      if (info && (await this.isConsumerStalled(record, status.stream, info))) return 'stalled';
    }
    return 'catching-up';
  }

  private isConsumerStalled({ movedAt }: SubscriptionRecord, stream: string, info: ConsumerInfo): Promise<boolean> {
    return this.parts.stalls.isStalled({ stream, info, movedAt });
  }
}

function sum(streams: readonly SubscriptionStreamStatus[], of: (status: SubscriptionStreamStatus) => number): number {
  return streams.reduce((total, status) => total + of(status), 0);
}

/** Of times of the server, in RFC 3339 with a varying number of digits. */
function latest(times: readonly (string | undefined)[]): string | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.sort((a, b) => Date.parse(a) - Date.parse(b)).at(-1);
}
