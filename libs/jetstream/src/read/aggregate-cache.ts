import { LRUCache } from 'lru-cache';
import type { RecordedEvent } from '@annals/core';

/** An aggregate as it was read whole. Frozen with all that it holds: callers share it. */
export interface CachedAggregate {
  /** At least one, ascending, up to the head. */
  readonly events: readonly RecordedEvent[];
  /** Of their bodies. */
  readonly bytes: number;
  readonly retainedFromVersion: number | undefined;
}

/** Milliseconds until an aggregate is read anew: what retention takes or an operator purges must not live on here for ever. */
const MAX_AGE_MS = 5 * 60_000;
/** No aggregate takes more than this part of the cache. */
const MAX_SHARE = 4;

/** The aggregates that were loaded last, bounded by the bytes of their bodies. In memory they take about three times that. */
export class AggregateCache {
  private readonly entries: LRUCache<string, CachedAggregate> | undefined;

  /** @param maxBytes 0 turns it off */
  constructor(maxBytes: number) {
    if (maxBytes === 0) return;
    this.entries = new LRUCache({
      maxSize: maxBytes,
      maxEntrySize: Math.max(1, Math.floor(maxBytes / MAX_SHARE)),
      sizeCalculation: ({ bytes }) => Math.max(1, bytes),
      ttl: MAX_AGE_MS,
      ttlResolution: 1_000,
    });
  }

  get(prefix: string): CachedAggregate | undefined {
    return this.entries?.get(prefix);
  }

  put(prefix: string, aggregate: CachedAggregate): void {
    this.entries?.set(prefix, aggregate, { noUpdateTTL: true });
  }

  drop(prefix: string): void {
    this.entries?.delete(prefix);
  }
}
