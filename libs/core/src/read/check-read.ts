import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { type AggregateRef, type ResolvedAggregateRef, resolveAggregateRef } from '../event/aggregate-ref.ts';
import type { Position } from '../event/event-message.ts';
import { nameProblem } from '../event/name.ts';
import { compareTimestamps, toUtcTimestamp } from '../time/timestamp.ts';
import { eventPatternProblem } from './event-pattern.ts';
import type { EventFilter, ReadAggregateOptions, ReadAllOptions } from './read-options.ts';

/** A filter lists at most this many event types. */
export const MAX_FILTER_TYPES = 100;

/** Checks an aggregate's name and fills in the tenant. @throws ValidationError */
export function checkAggregate(ref: AggregateRef): ResolvedAggregateRef {
  if (typeof ref !== 'object' || ref === null)
    throw new ValidationError([{ path: 'aggregate', message: 'must be an object with type and id' }]);
  const problems: ValidationProblem[] = [];
  const resolved = resolveAggregateRef(ref);
  addProblem(problems, 'tenantId', nameProblem(resolved.tenantId));
  addProblem(problems, 'aggregateType', nameProblem(resolved.type));
  addProblem(problems, 'aggregateId', nameProblem(resolved.id));
  if (problems.length > 0) throw new ValidationError(problems);
  return resolved;
}

/** @throws ValidationError with every problem */
export function checkReadAggregate(options: ReadAggregateOptions): void {
  const problems: ValidationProblem[] = [];
  checkVersions(options, problems);
  checkLimitAndDirection(options, problems);
  if (problems.length > 0) throw new ValidationError(problems);
}

/**
 * Checks a filter and brings its times to UTC.
 *
 * @throws ValidationError with every problem
 */
export function checkFilter<Filter extends EventFilter>(filter: Filter): Filter {
  const problems: ValidationProblem[] = [];
  for (const field of ['tenantId', 'aggregateType', 'aggregateId'] as const) {
    if (filter[field] !== undefined) addProblem(problems, field, nameProblem(filter[field]));
  }
  checkTypes(filter.eventTypes, problems);
  checkVersions(filter, problems);
  const timestamps = checkRange(filter, 'fromTimestamp', 'toTimestamp', problems);
  const recorded = checkRange(filter, 'recordedFrom', 'recordedTo', problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return { ...filter, ...timestamps, ...recorded };
}

/** @throws ValidationError with every problem */
export function checkReadAll(options: ReadAllOptions): ReadAllOptions {
  const problems: ValidationProblem[] = [];
  checkLimitAndDirection(options, problems);
  checkPositions(options.after, problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return checkFilter(options);
}

/** Checks a point in time. @throws ValidationError */
export function checkTimestamp(value: string, path: string): string {
  const utc = toUtcTimestamp(value);
  if (utc === undefined) throw new ValidationError([{ path, message: TIMESTAMP_RULE }]);
  return utc;
}

const TIMESTAMP_RULE = 'must be an ISO 8601 date and time with Z or an offset';

function checkTypes(types: readonly string[] | undefined, problems: ValidationProblem[]): void {
  if (types === undefined) return;
  if (!Array.isArray(types)) return addProblem(problems, 'eventTypes', 'must be a list of event types');
  if (types.length === 0) addProblem(problems, 'eventTypes', 'must name at least one type');
  if (types.length > MAX_FILTER_TYPES)
    addProblem(problems, 'eventTypes', `must name at most ${MAX_FILTER_TYPES} types`);
  types.forEach((type, i) => addProblem(problems, `eventTypes.${i}`, eventPatternProblem(type)));
}

/** A position of a stream that is named twice would be passed over in silence. */
function checkPositions(after: ReadAllOptions['after'], problems: ValidationProblem[]): void {
  if (after === undefined) return;
  if (!Array.isArray(after)) return addProblem(problems, 'after', 'must be a list of positions');
  const streams = new Set<unknown>();
  after.forEach((position: Partial<Position> | null, i) => {
    if (typeof position?.stream !== 'string') addProblem(problems, `after.${i}.stream`, 'must be a string');
    else if (streams.has(position.stream)) addProblem(problems, `after.${i}.stream`, 'is named twice');
    streams.add(position?.stream);
    if (!(Number.isSafeInteger(position?.sequence) && position!.sequence! >= 0)) {
      addProblem(problems, `after.${i}.sequence`, 'must be a whole number from 0');
    }
  });
}

function checkVersions(
  range: { fromVersion?: number | undefined; toVersion?: number | undefined },
  problems: ValidationProblem[],
): void {
  const { fromVersion, toVersion } = range;
  for (const field of ['fromVersion', 'toVersion'] as const) {
    const version = range[field];
    if (version !== undefined && !(Number.isSafeInteger(version) && version >= 1)) {
      addProblem(problems, field, 'must be a whole number from 1 to 2^53-1');
    }
  }
  if (fromVersion !== undefined && toVersion !== undefined && fromVersion > toVersion) {
    addProblem(problems, 'fromVersion', 'must not be above toVersion');
  }
}

function checkLimitAndDirection(
  options: { limit?: number | undefined; direction?: string | undefined },
  problems: ValidationProblem[],
): void {
  const { limit, direction } = options;
  if (limit !== undefined && !(Number.isSafeInteger(limit) && limit >= 1))
    addProblem(problems, 'limit', 'must be a whole number from 1');
  if (direction !== undefined && direction !== 'forwards' && direction !== 'backwards') {
    addProblem(problems, 'direction', "must be 'forwards' or 'backwards'");
  }
}

function checkRange<From extends 'fromTimestamp' | 'recordedFrom', To extends 'toTimestamp' | 'recordedTo'>(
  filter: EventFilter,
  from: From,
  to: To,
  problems: ValidationProblem[],
): Partial<Record<From | To, string>> {
  const range: Partial<Record<From | To, string>> = {};
  for (const field of [from, to]) {
    const value = filter[field];
    if (value === undefined) continue;
    const utc = toUtcTimestamp(value);
    if (utc === undefined) addProblem(problems, field, TIMESTAMP_RULE);
    else range[field] = utc;
  }
  const first = range[from] as string | undefined;
  const last = range[to] as string | undefined;
  if (first !== undefined && last !== undefined && compareTimestamps(first, last) > 0)
    addProblem(problems, from, `must not be after ${to}`);
  return range;
}

function addProblem(problems: ValidationProblem[], path: string, message: string | undefined): void {
  if (message) problems.push({ path, message });
}
