import {
  type Position,
  type ReadAllOptions,
  ValidationError,
  type ValidationProblem,
  checkReadAll,
} from '@annals/core';
import type { ReadAggregateOptions } from '@annals/core';

/** Whose events are meant. */
export interface TenantOption {
  /** The module's default tenant unless given. */
  readonly tenantId?: string | undefined;
}

/** Which of an aggregate's events to read, and how. */
export interface AggregateReadOptions extends ReadAggregateOptions, TenantOption {}

/** Where to begin. */
export interface AfterSnapshot {
  /** Only events behind the aggregate's snapshot; all of them where it has none. Not together with `fromVersion`. */
  readonly afterSnapshot?: boolean | undefined;
}

/** A moment: ISO 8601 with `Z` or an offset, or a Date. */
export type Moment = string | Date;

/** Which part of the log to read, and how. */
export interface LogReadOptions extends TenantOption {
  /** Only events whose own `timestamp` is at or after this. */
  readonly fromTimestamp?: Moment | undefined;
  /** Only events whose own `timestamp` is at or before this. */
  readonly toTimestamp?: Moment | undefined;
  /** Only events that the store took at or after this. */
  readonly recordedFrom?: Moment | undefined;
  /** Only events that the store took at or before this. */
  readonly recordedTo?: Moment | undefined;
  /** Begin after these positions (backwards: before them), one per stream. */
  readonly after?: readonly Position[] | undefined;
  /** `'forwards'` unless given: in the order in which they were stored. */
  readonly direction?: ReadAllOptions['direction'];
  /** At most this many events, from 1. */
  readonly limit?: number | undefined;
  /** Ends the read with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** Which events to replay; absent fields match all. */
export interface EventReplayOptions extends LogReadOptions {
  /** With or without a type: ids of all types match without. */
  readonly aggregateId?: string | undefined;
  readonly aggregateType?: string | undefined;
  /** Exact types or patterns (`user.*`, `user.>`), any of them; at most 100. */
  readonly eventTypes?: readonly string[] | undefined;
  /** First version in its aggregate, from 1. Events without aggregate match no version. */
  readonly fromVersion?: number | undefined;
  /** Last version in its aggregate, inclusive. */
  readonly toVersion?: number | undefined;
}

const MOMENTS = ['fromTimestamp', 'toTimestamp', 'recordedFrom', 'recordedTo'] as const;

/**
 * The store's options for what a caller of the service asks, checked, with times in UTC.
 *
 * @throws ValidationError with every problem
 */
export function toReadAllOptions(options: EventReplayOptions, defaultTenantId: string): ReadAllOptions {
  const problems: ValidationProblem[] = [];
  const times: { [Key in (typeof MOMENTS)[number]]?: string } = {};
  for (const field of MOMENTS) {
    const time = isoText(options[field], field, problems);
    if (time !== undefined) times[field] = time;
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return checkReadAll({
    ...options,
    fromTimestamp: times.fromTimestamp,
    toTimestamp: times.toTimestamp,
    recordedFrom: times.recordedFrom,
    recordedTo: times.recordedTo,
    tenantId: options.tenantId ?? defaultTenantId,
  });
}

/** ISO text of a moment; a text is returned as it is, for the store to check. */
export function isoText(moment: Moment | undefined, path: string, problems: ValidationProblem[]): string | undefined {
  if (!(moment instanceof Date)) return moment;
  if (!Number.isNaN(moment.getTime())) return moment.toISOString();
  problems.push({ path, message: 'must be a valid Date' });
  return undefined;
}
