import { Inject, Injectable, Optional } from '@nestjs/common';
import type { EventStore, StoreStatus } from '@annals/core';
import { EVENT_STORE } from '../service/tokens.ts';
import { RunningSubscriptions } from '../subscribe/running-subscriptions.ts';
import { type SubscriptionHealth, SubscriptionWatch } from './subscription-watch.ts';

/** Whether the store can be used now. */
export interface EventsHealth {
  readonly status: 'up' | 'down';
  /** Why it is down. */
  readonly reason?: string;
  readonly serverVersion?: string;
  /** What an acknowledgement means on this server, as far as it tells. */
  readonly durability?: string;
  /** Names of the streams with their number of messages. */
  readonly streams?: Readonly<Record<string, number>>;
  /**
   * States of the durable subscriptions that this process handles, by name, at most some seconds old. Those that need a
   * look, `'stalled'` and `'failed'`, do not make it down: a restart of the process would not help them.
   */
  readonly subscriptions?: Readonly<Record<string, SubscriptionHealth>>;
  /** Names of subscriptions that are stalled (events wait, none gets through) or failed (they ended with an error). */
  readonly stalled?: readonly string[];
}

/** A probe that took longer than this counts as down. */
export const DEFAULT_PROBE_TIMEOUT_MS = 3_000;

/**
 * Tells whether the store can be used; needs no other package, and fits `@nestjs/terminus` (11 and later).
 *
 * @example
 * // with terminus
 * this.health.check([() => this.events.isHealthy('events')]);
 */
@Injectable()
export class EventsHealthIndicator {
  private readonly watch: SubscriptionWatch | undefined;

  constructor(
    @Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'status' | 'subscriptions'>,
    @Optional() @Inject(RunningSubscriptions) running?: RunningSubscriptions,
  ) {
    this.watch = running && new SubscriptionWatch(store, running);
  }

  /** Asks the store; never rejects. @param timeoutMs 3,000 unless given */
  async check(timeoutMs: number = DEFAULT_PROBE_TIMEOUT_MS): Promise<EventsHealth> {
    try {
      const health = toHealth(await within(this.store.status(), timeoutMs));
      return { ...health, ...(await this.subscriptions(health)) };
    } catch (error) {
      return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** Nothing where there is no subscription; a store that is down is not asked. */
  private async subscriptions({ status }: EventsHealth): Promise<Pick<EventsHealth, 'subscriptions' | 'stalled'>> {
    const states = status === 'up' ? await this.watch?.states() : undefined;
    if (!states || states.size === 0) return {};
    const stalled = [...states].filter(([, state]) => state === 'stalled' || state === 'failed').map(([name]) => name);
    return { subscriptions: Object.fromEntries(states), stalled };
  }

  /** The same in the shape of a terminus indicator: `{ [key]: { status, … } }`; never rejects. */
  async isHealthy<Key extends string = 'events'>(
    key: Key = 'events' as Key,
    timeoutMs: number = DEFAULT_PROBE_TIMEOUT_MS,
  ): Promise<Record<Key, EventsHealth>> {
    return { [key]: await this.check(timeoutMs) } as Record<Key, EventsHealth>;
  }
}

function toHealth(status: StoreStatus): EventsHealth {
  const { state, reason, serverVersion, durability, streams } = status;
  return {
    status: state === 'ready' ? 'up' : 'down',
    ...(state === 'ready' ? {} : { reason: reason ?? `the store is ${state}` }),
    ...(serverVersion !== undefined && { serverVersion }),
    durability,
    streams: Object.fromEntries(streams.map(({ name, messages }) => [name, messages])),
  };
}

async function within<T>(work: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
