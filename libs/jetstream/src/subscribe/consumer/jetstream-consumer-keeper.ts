import {
  type CheckedStart,
  type Clock,
  type Logger,
  StoreUnavailable,
  SubscriptionConflict,
  type SubscriptionDefinition,
  SubscriptionNotFound,
} from '@annals/core';
import type { Topology } from '../../topology/topology.ts';
import type { ConsumerKeeper, ConsumerState, SubscriptionConsumer } from '../subscription-consumer.ts';
import { durableName } from '../subscription-names.ts';
import type { Checkpoints } from './checkpoints.ts';
import { concernedStreams } from './concerned-streams.ts';
import { type ConsumerApi, missing } from './consumer-api.ts';
import { placeOf } from './consumer-config.ts';
import type { ConsumerPlacement } from './consumer-placement.ts';
import type { StartSequences } from './start-sequence.ts';
import type { HeldLock, SubscriptionLock } from './subscription-lock.ts';
import { type StreamStart, type SubscriptionRecord, isSameDefinition } from './subscription-record.ts';
import type { Kept, SubscriptionRecords } from './subscription-records.ts';

export interface KeeperParts {
  readonly api: ConsumerApi;
  readonly records: SubscriptionRecords;
  readonly checkpoints: Checkpoints;
  readonly placement: ConsumerPlacement;
  readonly starts: StartSequences;
  readonly lock: SubscriptionLock;
  readonly topology: Topology;
  /** Completes a removal that has begun. */
  readonly finishRemoval: (lock: HeldLock, record: SubscriptionRecord) => Promise<void>;
  /** Removes what waits for a subscription in the queue of redeliveries. */
  readonly purgeRedeliveries: (subscription: string, stream: string) => Promise<void>;
  /**
   * Milliseconds for which a consumer may be on its way to a place; 5,000. One that takes longer was left by a process that
   * died.
   */
  readonly stuckMs?: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A definition that comes back within this time is in dispute. */
const FLAP_MS = 10 * 60_000;
const STUCK_MS = 5_000;

/** Makes and keeps the durable consumers of subscriptions in JetStream. */
export class JetStreamConsumerKeeper implements ConsumerKeeper {
  /** When this process first saw that a subscription's consumer is being set to a place. */
  private readonly placingSince = new Map<string, number>();

  constructor(private readonly parts: KeeperParts) {}

  async ensure(definition: SubscriptionDefinition, from: CheckedStart): Promise<readonly SubscriptionConsumer[]> {
    return this.establish(definition, from, 'replace');
  }

  /** As `ensure`. @param otherwise what to do about a subscription with another definition */
  async establish(
    definition: SubscriptionDefinition,
    from: CheckedStart,
    otherwise: 'replace' | 'refuse',
  ): Promise<readonly SubscriptionConsumer[]> {
    const { records, lock, finishRemoval } = this.parts;
    const { name } = definition;
    const { record } = await records.read(name);
    if (record && isSameDefinition(record.definition, definition) && (await this.isSettled(record))) {
      return this.consumersOf(record);
    }
    return lock.hold(name, async (held) => {
      let kept = await records.read(name);
      if (kept.record?.deleting) {
        await finishRemoval(held, kept.record);
        kept = await records.read(name);
      }
      kept = kept.record ? await this.declare(kept, definition, otherwise) : await this.begin(kept, definition, from);
      return this.consumersOf(await this.settle(held, kept));
    });
  }

  async restore(definition: SubscriptionDefinition, consumer: SubscriptionConsumer): Promise<void> {
    const { name } = definition;
    const { record } = await this.known(name);
    if (record.definition.mode !== definition.mode) {
      const reason = `is ${record.definition.mode} now, as another process declared it`;
      throw new SubscriptionConflict(name, `${reason}: this process handles it as ${definition.mode}`);
    }
    if (!concernedStreams(this.parts.topology, record.definition.filter).includes(consumer.binding)) {
      throw new SubscriptionConflict(
        name,
        `wants nothing of stream ${consumer.binding.name} any more, as another process declared it`,
      );
    }
    if (!(await this.isSettled(record))) await this.resettle(name);
  }

  async declared(subscription: string): Promise<SubscriptionDefinition> {
    return (await this.known(subscription)).record.definition;
  }

  async state({ binding, name }: SubscriptionConsumer): Promise<ConsumerState> {
    const info = await this.parts.api.info(binding.name, name);
    if (!info) throw missing(name);
    const { delivered, ack_floor } = info;
    return {
      ackFloor: ack_floor.stream_seq,
      delivered: delivered.stream_seq,
      pending: info.num_pending,
      ackPending: info.num_ack_pending,
      redelivered: info.num_redelivered,
      waiting: info.num_waiting,
      placement: placeOf(info.config).placement,
      pinned: info.priority_groups?.some(({ pinned_client_id }) => pinned_client_id !== undefined) ?? false,
      paused: info.paused ?? false,
      ...(delivered.last_active !== undefined && { lastDeliveredAt: delivered.last_active }),
      ...(ack_floor.last_active !== undefined && { lastAckedAt: ack_floor.last_active }),
    };
  }

  resetToAckFloor({ binding, name }: SubscriptionConsumer): Promise<void> {
    return this.parts.api.reset(binding.name, name);
  }

  async saveCheckpoint(subscription: string, { binding, name }: SubscriptionConsumer): Promise<void> {
    const { api, checkpoints } = this.parts;
    let placing = false;
    await checkpoints.saveIfMoved(binding.name, subscription, async () => {
      const info = await api.info(binding.name, name);
      placing = info !== undefined && placeOf(info.config).placing;
      return info && !placing ? info.ack_floor.stream_seq : undefined;
    });
    // What somebody wanted is not to happen days later, with the next start.
    await this.healPlacing(subscription, placing || (await this.known(subscription)).record.rewinding !== undefined);
  }

  /** The record of a subscription whose consumers are as it says. @throws SubscriptionNotFound, StoreUnavailable */
  async settled(subscription: string): Promise<SubscriptionRecord> {
    const { record } = await this.known(subscription);
    return (await this.isSettled(record)) ? record : this.resettle(subscription);
  }

  /** Brings the consumers to what the record says, whatever somebody else left half-done. @throws SubscriptionNotFound */
  private async resettle(subscription: string): Promise<SubscriptionRecord> {
    return this.change(subscription, (record) => record);
  }

  /**
   * Changes a subscription's record, and its consumers with it.
   *
   * @throws SubscriptionNotFound, StoreUnavailable
   */
  async change(
    subscription: string,
    make: (record: SubscriptionRecord) => SubscriptionRecord | Promise<SubscriptionRecord>,
  ): Promise<SubscriptionRecord> {
    return this.parts.lock.hold(subscription, async (held) => {
      const kept = await this.known(subscription);
      const changed = await make(kept.record);
      return this.settle(held, changed === kept.record ? kept : await this.write(changed, kept));
    });
  }

  /** @throws SubscriptionNotFound */
  async known(subscription: string): Promise<Kept<SubscriptionRecord> & { readonly record: SubscriptionRecord }> {
    const { revision, record } = await this.parts.records.read(subscription);
    if (!record || record.deleting) throw new SubscriptionNotFound(subscription);
    return { revision, record };
  }

  consumersOf({ definition }: SubscriptionRecord): readonly SubscriptionConsumer[] {
    const name = durableName(definition.name);
    return concernedStreams(this.parts.topology, definition.filter).map((binding) => ({ binding, name }));
  }

  /** A subscription that is new; what an earlier one of that name may have left does not count. */
  private async begin(
    kept: Kept<SubscriptionRecord>,
    definition: SubscriptionDefinition,
    from: CheckedStart,
  ): Promise<Kept<SubscriptionRecord>> {
    const { api, records, starts, topology, purgeRedeliveries, clock } = this.parts;
    const found: Record<string, StreamStart> = {};
    for (const { name } of concernedStreams(topology, definition.filter)) {
      found[name] = await starts.resolve(from, name);
      await records.removeCheckpoint(name, definition.name);
      // A replay may have put some there while the earlier one was removed.
      if (!(await api.info(name, durableName(definition.name)))) await purgeRedeliveries(definition.name, name);
    }
    const at = new Date(clock.now()).toISOString();
    const record = { format: 1, definition, from, createdAt: at, movedAt: at, paused: false, starts: found } as const;
    return this.write(record, kept);
  }

  private async declare(
    kept: Kept<SubscriptionRecord>,
    definition: SubscriptionDefinition,
    otherwise: 'replace' | 'refuse',
  ): Promise<Kept<SubscriptionRecord>> {
    const { clock, logger } = this.parts;
    const record = kept.record!;
    const { name } = definition;
    if (isSameDefinition(record.definition, definition)) return kept;
    if (otherwise === 'refuse') {
      throw new SubscriptionConflict(name, 'is there with another definition: delete it first, or choose another name');
    }
    const now = clock.now();
    const { replaced } = record;
    if (replaced && isSameDefinition(replaced.definition, definition) && now - Date.parse(replaced.at) < FLAP_MS) {
      logger.warn(
        `subscription ${name} is declared in turn in two ways: do two versions of a service use it side by side?`,
        { subscription: name, definition, other: record.definition },
      );
    } else {
      logger.info(`subscription ${name} is changed to another definition`, { subscription: name, definition });
    }
    const at = new Date(now).toISOString();
    return this.write({ ...record, definition, replaced: { definition: record.definition, at } }, kept);
  }

  private async isSettled(record: SubscriptionRecord): Promise<boolean> {
    const { placement, topology } = this.parts;
    if (record.deleting || record.rewinding || this.retired(record).length > 0) return false;
    for (const binding of concernedStreams(topology, record.definition.filter)) {
      if (!record.starts[binding.name] || !(await placement.isSettled(record, binding))) return false;
    }
    return true;
  }

  private async settle(lock: HeldLock, given: Kept<SubscriptionRecord>): Promise<SubscriptionRecord> {
    const { placement, topology, clock } = this.parts;
    const kept = await this.addStarts(given);
    const record = kept.record!;
    for (const binding of concernedStreams(topology, record.definition.filter)) {
      await placement.settle(lock, record, binding);
    }
    const retired = this.retired(record);
    for (const stream of retired) await placement.retire(lock, record.definition.name, stream);
    if (!record.rewinding && retired.length === 0) return record;
    const { rewinding, ...rest } = record;
    const starts = Object.fromEntries(Object.entries(record.starts).filter(([stream]) => !retired.includes(stream)));
    const movedAt = rewinding ? new Date(clock.now()).toISOString() : record.movedAt;
    return (await this.write({ ...rest, starts, movedAt }, kept)).record!;
  }

  /** Streams that came later, by the topology or by the filter. */
  private async addStarts(kept: Kept<SubscriptionRecord>): Promise<Kept<SubscriptionRecord>> {
    const { topology, starts } = this.parts;
    const record = kept.record!;
    const added: Record<string, StreamStart> = {};
    for (const { name } of concernedStreams(topology, record.definition.filter)) {
      // What a stream took since the subscription was made is new to it.
      const from = record.from === 'now' ? { recordedFrom: record.createdAt } : record.from;
      if (!record.starts[name]) added[name] = await starts.resolve(from, name);
    }
    if (Object.keys(added).length === 0) return kept;
    return this.write({ ...record, starts: { ...record.starts, ...added } }, kept);
  }

  /** Streams of this topology that the filter no longer concerns. */
  private retired({ starts, definition }: SubscriptionRecord): readonly string[] {
    const { topology } = this.parts;
    const concerned = concernedStreams(topology, definition.filter).map(({ name }) => name);
    return Object.keys(starts).filter((name) => topology.bindingOfStream(name) && !concerned.includes(name));
  }

  private async write(
    record: SubscriptionRecord,
    previous: Kept<SubscriptionRecord>,
  ): Promise<Kept<SubscriptionRecord> & { readonly record: SubscriptionRecord }> {
    const written = await this.parts.records.write(record, previous);
    if (written) return { revision: written.revision, record };
    throw new StoreUnavailable(`subscription ${record.definition.name} was changed by another process at this moment`);
  }

  private async healPlacing(subscription: string, placing: boolean): Promise<void> {
    if (!placing) {
      this.placingSince.delete(subscription);
      return;
    }
    const since = this.placingSince.get(subscription) ?? Date.now();
    this.placingSince.set(subscription, since);
    if (Date.now() - since < (this.parts.stuckMs ?? STUCK_MS)) return;
    this.placingSince.delete(subscription);
    await this.resettle(subscription);
  }
}
