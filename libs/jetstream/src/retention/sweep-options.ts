import { type Clock, type Logger, ValidationError, toUtcTimestamp } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { Topology } from '../topology/topology.ts';
import type { RetentionRecords } from './retention-records.ts';

/** What a sweep works with. */
export interface SweepParts {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly records: RetentionRecords;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Which events are old: those recorded so many days ago, or before a point in time. */
export type SweepAge =
  { readonly days: number; readonly olderThan?: undefined } | { readonly olderThan: string; readonly days?: undefined };

export type SweepOptions = SweepAge & {
  /** Ends the sweep with the signal's reason; the next one goes on where it ended. */
  readonly signal?: AbortSignal | undefined;
  /**
   * Milliseconds after which an event counts as safe on disk; 5 minutes, twice the interval at which nats-server syncs by
   * default. Nothing younger is removed, nor what only a younger event supersedes: a power failure could take that one.
   */
  readonly settleMs?: number | undefined;
  /** Overwrites what is removed on disk, at the cost of a slower sweep; false. */
  readonly erase?: boolean | undefined;
};

/** At most a hundred years. */
const MAX_DAYS = 36_525;
const DAY_MS = 86_400_000;
const SETTLE_MS = 300_000;

/**
 * The points in time that a sweep goes by, in milliseconds since 1970.
 *
 * @throws ValidationError
 */
export function sweepTimes(options: SweepOptions, nowMs: number): { cutoffMs: number; settledBeforeMs: number } {
  const settleMs = options.settleMs ?? SETTLE_MS;
  if (!Number.isFinite(settleMs) || settleMs < 0) {
    throw new ValidationError([{ path: 'settleMs', message: 'must be a number of milliseconds from 0' }]);
  }
  const settledBeforeMs = nowMs - settleMs;
  const cutoffMs = options.days === undefined ? pointInTime(options.olderThan) : nowMs - daysMs(options.days);
  return { cutoffMs: Math.min(cutoffMs, settledBeforeMs), settledBeforeMs };
}

function daysMs(days: number): number {
  if (Number.isFinite(days) && days > 0 && days <= MAX_DAYS) return days * DAY_MS;
  throw new ValidationError([{ path: 'days', message: `must be a number of days above 0, at most ${MAX_DAYS}` }]);
}

function pointInTime(olderThan: string): number {
  const utc = toUtcTimestamp(olderThan);
  if (utc !== undefined) return Date.parse(utc);
  throw new ValidationError([{ path: 'olderThan', message: 'must be an ISO 8601 date and time with Z or an offset' }]);
}
