import { type ValidationProblem, ValidationError } from '@annals/core';
import type { JetStreamStoreOptions } from './store-options.ts';

/** The store's limits with their defaults. */
export const DEFAULT_LIMITS = {
  requestTimeoutMs: 5_000,
  appendTimeoutMs: 10_000,
  idempotencyTtlMs: 30 * 24 * 3_600_000,
  maxPendingEvents: 20_000,
  maxPendingBytes: 256 * 1024 * 1024,
  headCacheSize: 100_000,
  aggregateCacheBytes: 64 * 1024 * 1024,
  subscriptionStallMs: 60_000,
} as const;

/** The limits that a store works under. */
export type StoreLimits = { readonly [Name in keyof typeof DEFAULT_LIMITS]: number };

/** JetStream counts a message's time to live in seconds and refuses 0 (ADR-43). */
const MIN_TTL_MS = 1_000;

/** A hundred years in milliseconds, which the server's durations still hold; three terabytes. */
const MOST = 3_155_760_000_000;

/** Fills in the defaults. @throws ValidationError with every problem */
export function checkStoreOptions(options: JetStreamStoreOptions): StoreLimits {
  const problems: ValidationProblem[] = [];
  const limits: Record<string, number> = {};
  for (const [name, standard] of Object.entries(DEFAULT_LIMITS)) {
    const value = options[name as keyof StoreLimits] ?? standard;
    const least = name === 'aggregateCacheBytes' ? 0 : name === 'idempotencyTtlMs' ? MIN_TTL_MS : 1;
    if (!Number.isSafeInteger(value) || value < least || value > MOST) {
      problems.push({ path: name, message: `must be a whole number from ${least} to ${MOST}` });
    }
    limits[name] = value;
  }
  const { replicas } = options;
  if (replicas !== undefined && ![1, 2, 3, 4, 5].includes(replicas)) {
    problems.push({ path: 'replicas', message: 'must be 1 to 5 (1, 3 or 5 make sense)' });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return limits as StoreLimits;
}
