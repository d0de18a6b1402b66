import { type EventFilter, MAX_FILTER_TYPES } from '@annals/core';
import { streamFilters } from '../subject/subject-map.ts';
import { disjointPatterns } from './disjoint-patterns.ts';

/** What of a filter the server can apply. */
export interface ServerFilters {
  /** No two overlap. */
  readonly subjects: readonly string[];
  /** True when every message that the server lets through matches the whole filter. */
  readonly exact: boolean;
}

/**
 * Turns tenant, aggregate, event types and a short range of versions into subjects; times and long ranges are left to the
 * reader, who looks at what comes.
 *
 * @param prefix of the stream's subjects
 */
export function serverFilters(prefix: string, filter: EventFilter): ServerFilters {
  const types = filter.eventTypes && disjointPatterns(filter.eventTypes);
  const versions = shortRange(filter, types?.patterns.length ?? 1);
  const subjects = streamFilters(prefix, { ...filter, eventTypes: types?.patterns }, versions);
  // An event without aggregate has its message id where others have their version: a number there may be one or the other.
  const versionsExact =
    !hasVersions(filter) || (versions !== undefined && (filter.aggregateType ?? filter.aggregateId) !== undefined);
  return { subjects, exact: (types?.exact ?? true) && versionsExact && !hasTimes(filter) };
}

/** True for a filter that only the reader can apply, by times. */
export function hasTimes(filter: EventFilter): boolean {
  const { fromTimestamp, toTimestamp, recordedFrom, recordedTo } = filter;
  return [fromTimestamp, toTimestamp, recordedFrom, recordedTo].some((time) => time !== undefined);
}

function hasVersions({ fromVersion, toVersion }: EventFilter): boolean {
  return fromVersion !== undefined || toVersion !== undefined;
}

function shortRange({ fromVersion = 1, toVersion }: EventFilter, patterns: number): number[] | undefined {
  if (toVersion === undefined || (toVersion - fromVersion + 1) * patterns > MAX_FILTER_TYPES) return undefined;
  return Array.from({ length: toVersion - fromVersion + 1 }, (_, i) => fromVersion + i);
}
