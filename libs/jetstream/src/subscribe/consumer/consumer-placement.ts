import { type Logger, SubscriptionConflict } from '@annals/core';
import { nuid } from '@nats-io/transport-node';
import type { RequestChannel } from '../../connection/request-channel.ts';
import { ConsumerRefused } from '../../read/consumer-refused.ts';
import { streamState } from '../../scan/stream-state.ts';
import type { StreamBinding } from '../../topology/stream-binding.ts';
import { durableName } from '../subscription-names.ts';
import type { Checkpoints } from './checkpoints.ts';
import { type ConsumerApi, type ConsumerInfo, farAhead } from './consumer-api.ts';
import {
  type ConsumerPlace,
  PRIORITY_GROUP,
  belongsTo,
  hasMode,
  isAsWanted,
  placeOf,
  wantedConsumer,
} from './consumer-config.ts';
import type { HeldLock } from './subscription-lock.ts';
import type { SubscriptionRecord } from './subscription-record.ts';

/** What has to be done next to a consumer. */
type Step =
  | { readonly act: 'make' }
  | { readonly act: 'place'; readonly sequence: number }
  | { readonly act: 'recreate' | 'update' | 'pause' | 'resume' };

const MAX_STEPS = 10;

export interface PlacementParts {
  readonly api: ConsumerApi;
  readonly channel: RequestChannel;
  readonly checkpoints: Checkpoints;
  /** Name of the default stream. */
  readonly store: string;
  readonly logger: Logger;
}

/**
 * Brings the consumer of a subscription in one stream to what its record says, one step after the other. Each step leaves
 * the consumer so that whoever looks next knows how to go on, should the process die.
 *
 * A consumer is set to a place while it is paused and says so in its metadata: a new one delivers from the stream's
 * beginning otherwise, until it is reset.
 */
export class ConsumerPlacement {
  constructor(private readonly parts: PlacementParts) {}

  /** True when there is nothing to do. @throws SubscriptionConflict when something else has the consumer's name */
  async isSettled(record: SubscriptionRecord, binding: StreamBinding): Promise<boolean> {
    return (await this.nextStep(record, binding)) === undefined;
  }

  /** @throws SubscriptionConflict, StoreUnavailable */
  async settle(lock: HeldLock, record: SubscriptionRecord, binding: StreamBinding): Promise<void> {
    let current = record;
    for (let steps = 0; steps < MAX_STEPS; steps++) {
      const step = await this.nextStep(current, binding);
      if (!step) return;
      await lock.renew();
      try {
        await this.take(step, lock, current, binding);
      } catch (error) {
        // Somebody removed it at this moment.
        if (error instanceof ConsumerRefused) continue;
        throw error;
      }
      // A rewind is done with the first step.
      if (step.act === 'place') current = without(current, binding.name);
    }
    throw new SubscriptionConflict(
      record.definition.name,
      `cannot be set up in stream ${binding.name}: something else changes its consumer at the same time`,
    );
  }

  /** Removes the consumer in a stream that the subscription no longer wants; the checkpoint stays. */
  async retire(lock: HeldLock, subscription: string, stream: string): Promise<void> {
    const info = await this.parts.api.info(stream, durableName(subscription));
    if (!info || !belongsTo(info.config, this.parts.store, subscription)) return;
    await lock.renew();
    await this.saveFloor(stream, subscription);
    await this.parts.api.remove(stream, info.name);
  }

  private async nextStep(record: SubscriptionRecord, binding: StreamBinding): Promise<Step | undefined> {
    const { api, channel, checkpoints, store, logger } = this.parts;
    const { definition } = record;
    const { name } = definition;
    const info = await api.info(binding.name, durableName(name));
    if (!info) return { act: 'make' };
    if (!belongsTo(info.config, store, name)) throw notOurs(name, binding, info);
    const rewind = record.rewinding?.[binding.name];
    if (rewind !== undefined) return { act: 'place', sequence: rewind };
    const place = placeOf(info.config);
    if (place.placing) return { act: 'place', sequence: place.sequence };
    const floor = info.ack_floor.stream_seq;
    if (floor < place.sequence - 1) {
      logger.warn(`subscription ${name}: the server forgot its place in stream ${binding.name}, setting it again`);
      return { act: 'place', sequence: place.sequence };
    }
    const { lastSequence } = await streamState(channel, binding.name);
    if (floor > lastSequence) {
      checkpoints.warnOfEarlierState(name, binding.name, floor, lastSequence);
      return { act: 'place', sequence: lastSequence + 1 };
    }
    // A consumer that is updated to the shared mode keeps its last pin (nats-server 2.15.1).
    if (!hasMode(info.config, definition)) return { act: 'recreate' };
    if (!isAsWanted(info.config, wantedConsumer(store, definition, binding, place))) return { act: 'update' };
    if ((info.paused ?? false) !== record.paused) return { act: record.paused ? 'pause' : 'resume' };
    return undefined;
  }

  private async take(step: Step, lock: HeldLock, record: SubscriptionRecord, binding: StreamBinding): Promise<void> {
    const { api, checkpoints, store } = this.parts;
    const { definition } = record;
    const { name: stream } = binding;
    const durable = durableName(definition.name);
    switch (step.act) {
      case 'make': {
        const sequence = await checkpoints.resumeAt(stream, definition.name, record.starts[stream]);
        const place = { sequence, placement: nuid.next(), placing: true };
        const config = wantedConsumer(store, definition, binding, place);
        // Made by somebody else in between: the next look tells.
        if (!(await api.create(stream, { ...config, pause_until: farAhead() }))) return;
        return this.finish(lock, record, binding, place);
      }
      case 'place': {
        const place = { sequence: step.sequence, placement: nuid.next(), placing: true };
        await api.pause(stream, durable);
        await api.update(stream, wantedConsumer(store, definition, binding, place));
        return this.finish(lock, record, binding, place);
      }
      case 'recreate':
        await this.saveFloor(stream, definition.name);
        return api.remove(stream, durable);
      case 'update': {
        const info = await api.info(stream, durable);
        if (info) await api.update(stream, wantedConsumer(store, definition, binding, placeOf(info.config)));
        return;
      }
      case 'pause':
        return api.pause(stream, durable);
      case 'resume':
        return api.resume(stream, durable);
    }
  }

  /** From a consumer that is paused and says that it is being set to a place, to one that delivers from there on. */
  private async finish(
    lock: HeldLock,
    record: SubscriptionRecord,
    binding: StreamBinding,
    place: ConsumerPlace,
  ): Promise<void> {
    const { api, checkpoints, store } = this.parts;
    const { definition, paused } = record;
    const { sequence } = place;
    const durable = durableName(definition.name);
    await lock.renew();
    await api.reset(binding.name, durable, sequence);
    // Who becomes the active replica at this moment may know of the former place only: nothing comes to it any more.
    if (definition.mode === 'ordered') await api.unpin(binding.name, durable, PRIORITY_GROUP);
    await checkpoints.save(binding.name, definition.name, () => Promise.resolve(sequence - 1));
    await lock.renew();
    await api.update(binding.name, wantedConsumer(store, definition, binding, { ...place, placing: false }));
    if (!paused) await api.resume(binding.name, durable);
  }

  private saveFloor(stream: string, subscription: string): Promise<void> {
    return this.parts.checkpoints.save(stream, subscription, async () => {
      const info = await this.parts.api.info(stream, durableName(subscription));
      return info && !placeOf(info.config).placing ? info.ack_floor.stream_seq : undefined;
    });
  }
}

function without(record: SubscriptionRecord, stream: string): SubscriptionRecord {
  const { [stream]: _, ...rewinding } = record.rewinding ?? {};
  return { ...record, rewinding };
}

function notOurs(subscription: string, { name }: StreamBinding, info: ConsumerInfo): SubscriptionConflict {
  return new SubscriptionConflict(
    subscription,
    `cannot have the consumer ${info.name} of stream ${name}: something else made it; choose another name, or remove it`,
  );
}
