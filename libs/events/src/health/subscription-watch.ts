import type { EventStore } from '@annals/core';
import type { RunningSubscriptions } from '../subscribe/running-subscriptions.ts';

/** What a subscription of this process does. */
export type SubscriptionHealth =
  'live' | 'catching-up' | 'paused' | 'stalled' | 'active' | 'standby' | 'reconnecting' | 'stopped' | 'failed';

/** A list of states that is older than this is asked for anew. */
const FRESH_MS = 10_000;
/** A probe waits for the list at most this long, and else tells what it knows. */
const PATIENCE_MS = 500;

type Listed = ReadonlyMap<string, SubscriptionHealth>;

/** The states of this process's durable subscriptions, for probes: those come often and must not take long. */
export class SubscriptionWatch {
  private known: Listed = new Map();
  private knownAt = Number.NEGATIVE_INFINITY;
  private asking: Promise<void> | undefined;

  constructor(
    private readonly store: Pick<EventStore, 'subscriptions'>,
    private readonly running: RunningSubscriptions,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** By name; what the store knows where it has said so lately, else what this process knows. Never rejects. */
  async states(): Promise<Listed> {
    const { active, failed } = this.running;
    if (active.size > 0 && this.now() - this.knownAt > FRESH_MS) await this.ask();
    const states = new Map<string, SubscriptionHealth>();
    for (const [name, { state }] of active) {
      states.set(name, state === 'active' ? (this.known.get(name) ?? state) : state);
    }
    for (const name of failed.keys()) if (!states.has(name)) states.set(name, 'failed');
    return new Map([...states].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  private async ask(): Promise<void> {
    this.asking ??= this.list().finally(() => (this.asking = undefined));
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([this.asking, new Promise((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))]);
    clearTimeout(timer);
  }

  /** Never rejects: a store that does not answer is told by the store's own state. */
  private async list(): Promise<void> {
    try {
      const listed = await this.store.subscriptions.list();
      this.known = new Map(listed.map(({ name, state }) => [name, state]));
      this.knownAt = this.now();
    } catch {
      this.known = new Map();
    }
  }
}
