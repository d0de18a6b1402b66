import type { StartFrom } from '../live/follow-options.ts';

/** Which events a subscription gets; absent fields match all. */
export interface SubscriptionFilter {
  /** All tenants unless given. */
  readonly tenantId?: string | undefined;
  readonly aggregateType?: string | undefined;
  /** Types or patterns (`user.*` for one more token, `user.>` for one or more), any of them; at most 100. */
  readonly eventTypes?: readonly string[] | undefined;
}

/**
 * How the replicas of a service divide a subscription.
 *
 * - `'shared'`: every replica takes part, events are handled in no order;
 * - `'ordered'`: one replica is active and others stand by; the events of an aggregate are handled one after the other,
 *   those of different aggregates in parallel.
 */
export type SubscriptionMode = 'shared' | 'ordered';

/**
 * What an ordered subscription does with the later events of an aggregate one of whose events became a dead letter:
 * keep them back as dead letters too until they are redriven (`'park'`), or handle them all the same (`'continue'`).
 */
export type DeadLetterPolicy = 'park' | 'continue';

/** A subscription as it is kept by the store: the same for every process that handles it. */
export interface SubscriptionOptions {
  /** 1–100 characters of `A-Z a-z 0-9 _ - . :`. Who subscribes by the same name goes on where it stands. */
  readonly name: string;
  /** Everything unless given. */
  readonly filter?: SubscriptionFilter | undefined;
  /** Where a subscription begins that is made anew; one that exists goes on where it stands. `'beginning'` unless given. */
  readonly from?: StartFrom | undefined;
  /** `'shared'` unless given. */
  readonly mode?: SubscriptionMode | undefined;
  /** An event that failed so many attempts becomes a dead letter; 5, from 1 to 1,000. */
  readonly maxDeliver?: number | undefined;
  /** Milliseconds to wait before the second attempt, the third …; the last one counts for all further. At most 20 of a day each. */
  readonly backoffMs?: readonly number[] | undefined;
  /** `'park'` unless given; for `'ordered'` only. */
  readonly onDeadLetter?: DeadLetterPolicy | undefined;
}

/**
 * What a process does with an event that its registry cannot bring to the current schema version: make it a dead letter at
 * once, or end the subscription in this process and leave the event where it is, for a release that can.
 */
export type UpcastFailurePolicy = 'dead-letter' | 'stop';

/** How one process handles a subscription's events. */
export interface HandlingOptions {
  /** Handlers that run at the same time in this process; 16, from 1 to 10,000. */
  readonly concurrency?: number | undefined;
  /**
   * Milliseconds that an attempt may take; then its signal is aborted and it counts as failed. 5 minutes, from 10 ms to a
   * day. `context.extend()` begins them anew.
   */
  readonly handlerTimeoutMs?: number | undefined;
  /** `'dead-letter'` unless given. Of no meaning where the store has no registry. */
  readonly onUpcastFailure?: UpcastFailurePolicy | undefined;
}

/** A subscription with its defaults filled in. */
export interface SubscriptionDefinition {
  readonly name: string;
  readonly filter: SubscriptionFilter;
  readonly mode: SubscriptionMode;
  readonly maxDeliver: number;
  readonly backoffMs: readonly number[];
  readonly onDeadLetter: DeadLetterPolicy;
}

export const SUBSCRIPTION_DEFAULTS = {
  mode: 'shared',
  maxDeliver: 5,
  backoffMs: [1_000, 5_000, 30_000, 120_000],
  onDeadLetter: 'park',
  from: 'beginning',
} as const satisfies Omit<Required<SubscriptionOptions>, 'name' | 'filter'>;

export const HANDLING_DEFAULTS = {
  concurrency: 16,
  handlerTimeoutMs: 5 * 60_000,
  onUpcastFailure: 'dead-letter',
} as const satisfies Required<HandlingOptions>;

/** Milliseconds until the attempt behind `attempt`, by the subscription's backoff. */
export function backoffAfter(attempt: number, backoffMs: readonly number[]): number {
  return backoffMs[Math.min(attempt, backoffMs.length) - 1] ?? 0;
}
