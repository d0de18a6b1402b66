import { Inject, Injectable } from '@nestjs/common';
import type { EventStore, StoreStatus } from '@annals/core';
import { EVENT_STORE } from '../service/tokens.ts';

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
  constructor(@Inject(EVENT_STORE) private readonly store: Pick<EventStore, 'status'>) {}

  /** Asks the store; never rejects. @param timeoutMs 3,000 unless given */
  async check(timeoutMs: number = DEFAULT_PROBE_TIMEOUT_MS): Promise<EventsHealth> {
    try {
      return toHealth(await within(this.store.status(), timeoutMs));
    } catch (error) {
      return { status: 'down', reason: error instanceof Error ? error.message : String(error) };
    }
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
