import {
  type RecordedEvent,
  type ReplayOutcome,
  type ReplaySink,
  type SubscriptionDefinition,
  SubscriptionNotFound,
  matchesFilter,
} from '@annals/core';
import { setTimeout as pause } from 'node:timers/promises';
import type { Redelivery, RedeliveryQueue } from '../dead-letter/redelivery.ts';

/** Where subscriptions are found and what they get again is put. */
export interface SubscriptionTargets {
  readonly queue: RedeliveryQueue;
  /** All subscriptions there are. */
  readonly list: () => Promise<readonly Pick<SubscriptionDefinition, 'name' | 'filter'>[]>;
}

/** More than these may not wait for a subscription: a slow one slows the replay, the queue does not grow. */
const MAX_WAITING = 10_000;
const LOOK_AGAIN_MS = 250;
/** How long a list of subscriptions serves: one that came or went is noticed after it. */
const LIST_MS = 1_000;

/** Puts events where subscriptions find what they get again. */
export class SubscriptionSink implements ReplaySink {
  private listed: readonly Pick<SubscriptionDefinition, 'name' | 'filter'>[] = [];
  private listedAtMs = -Infinity;
  private readonly ready = new Set<string>();
  /** How many more may go to a subscription before it has to be asked how many wait. */
  private readonly room = new Map<string, number>();

  /** @param name of the one subscription; all unless given */
  constructor(
    private readonly targets: SubscriptionTargets,
    private readonly replayId: string,
    private readonly name: string | undefined,
  ) {}

  async *deliver(
    events: readonly RecordedEvent[],
    signal: AbortSignal,
  ): AsyncGenerator<ReplayOutcome, void, undefined> {
    const subscriptions = await this.subscriptions();
    const wanted = events.map((event) => subscriptions.filter(({ filter }) => matchesFilter(event, filter)));
    for (const { name } of subscriptions) {
      const count = wanted.filter((names) => names.some((one) => one.name === name)).length;
      if (count > 0 && !(await this.waitForRoom(name, count, signal))) return;
    }
    const redeliveries = events.flatMap(({ position }, i) =>
      wanted[i]!.map(({ name }): Redelivery => {
        const { stream, sequence } = position;
        return { subscription: name, stream, sequence, cause: 'replay', replayId: this.replayId };
      }),
    );
    await this.makeReady(redeliveries);
    await this.targets.queue.enqueue(redeliveries);
    for (const names of wanted) {
      yield this.name === undefined ? { bySubscription: names.map(({ name }) => ({ subscription: name })) } : {};
    }
  }

  async close(): Promise<void> {}

  /** @throws SubscriptionNotFound when the one that is meant was deleted */
  private async subscriptions(): Promise<readonly Pick<SubscriptionDefinition, 'name' | 'filter'>[]> {
    if (performance.now() - this.listedAtMs >= LIST_MS) {
      const all = await this.targets.list();
      this.listed = this.name === undefined ? all : all.filter(({ name }) => name === this.name);
      this.listedAtMs = performance.now();
    }
    if (this.name !== undefined && this.listed.length === 0) throw new SubscriptionNotFound(this.name);
    return this.listed;
  }

  /** @returns false when the signal was aborted */
  private async waitForRoom(subscription: string, count: number, signal: AbortSignal): Promise<boolean> {
    let room = this.room.get(subscription) ?? 0;
    while (room < count) {
      if (signal.aborted) return false;
      room = MAX_WAITING - (await this.targets.queue.waiting(subscription));
      if (room < count) await pause(LOOK_AGAIN_MS);
    }
    this.room.set(subscription, Math.min(room, MAX_WAITING / 10) - count);
    return true;
  }

  private async makeReady(redeliveries: readonly Redelivery[]): Promise<void> {
    for (const { subscription, stream } of redeliveries) {
      const key = `${subscription} ${stream}`;
      if (this.ready.has(key)) continue;
      await this.targets.queue.ensureConsumer(subscription, stream);
      this.ready.add(key);
    }
  }
}
