import {
  type AggregateRef,
  type AppendPart,
  BatchTooLarge,
  type ExpectedVersion,
  MAX_BATCH_EVENTS,
  type NewEvent,
  type ValidationProblem,
  expectedVersionProblem,
} from '@annals/core';
import { type Expectation, expectationOf } from './expectation.ts';
import { asRecord } from '../http/as-record.ts';

/** A posted body, sorted for the store. */
export interface AppendPlan {
  readonly parts: readonly AppendPart[];
  /** Where in the request the events of the parts, one after the other, stood. */
  readonly order: readonly number[];
  /** Where each event of the request went, to name it in problems: part and index in it. */
  readonly places: readonly EventPlace[];
  /** True for `{ "events": [ … ] }`, false for one event by itself. */
  readonly isList: boolean;
  /** What only HTTP knows to be wrong; the store finds the rest. */
  readonly problems: readonly ValidationProblem[];
}

/** An event's part and its index in that part. */
export interface EventPlace {
  readonly part: number;
  readonly index: number;
}

/** What comes with the body. */
export interface AppendContext {
  /** From the query: the tenant of events that name none. */
  readonly tenantId: string | undefined;
  /** From If-Match or If-None-Match: what the one aggregate of the request must be at. */
  readonly precondition: ExpectedVersion | undefined;
}

interface GrowingPart {
  aggregate: AggregateRef | undefined;
  tenantId: string | undefined;
  expectation: Expectation;
  events: NewEvent[];
}

/**
 * Sorts the posted events into one part per aggregate, in the order of their first mention; events without aggregate
 * keep parts of their own. The events themselves are checked by the store, once.
 *
 * @throws BatchTooLarge before the events are looked at
 */
export function planAppend(body: unknown, context: AppendContext): AppendPlan {
  const envelope = asRecord(body);
  const isList = envelope !== undefined && Object.hasOwn(envelope, 'events') && !Object.hasOwn(envelope, 'type');
  const list = isList ? envelope['events'] : [body];
  const problems: ValidationProblem[] = [];
  if (isList) {
    for (const key of Object.keys(envelope)) {
      if (key !== 'events') problems.push({ path: key, message: 'is not a field beside events' });
    }
  }
  if (!Array.isArray(list) || list.length === 0) {
    problems.push({ path: 'events', message: 'must be a list of at least one event' });
    return { parts: [], order: [], places: [], isList, problems };
  }
  if (list.length > MAX_BATCH_EVENTS) throw new BatchTooLarge(MAX_BATCH_EVENTS, list.length);
  const parts: GrowingPart[] = [];
  const byAggregate = new Map<string, number>();
  const places = list.map((event, i) => {
    const path = isList ? `events.${i}.` : '';
    return placeEvent(event, path, context, parts, byAggregate, problems);
  });
  applyPrecondition(parts, context.precondition, problems);
  return { parts: parts.map(finish), order: orderOf(places, parts), places, isList, problems };
}

function placeEvent(
  event: unknown,
  path: string,
  context: AppendContext,
  parts: GrowingPart[],
  byAggregate: Map<string, number>,
  problems: ValidationProblem[],
): EventPlace {
  const fields = asRecord(event);
  if (fields === undefined) {
    problems.push({ path: path.slice(0, -1), message: 'must be an event: an object with type and data' });
    return { part: 0, index: 0 };
  }
  const { aggregateId, aggregateType, tenantId, expectedVersion, version, schemaVersion, ...rest } = fields;
  const tenant = checkTenant(tenantId, context.tenantId, path, problems);
  const aggregate = checkAggregate(aggregateType, aggregateId, tenant, path, problems);
  const key = aggregate && `${tenant}\0${aggregate.type}\0${aggregate.id}`;
  const known = key === undefined ? partWithoutAggregate(parts, tenant) : byAggregate.get(key);
  const part = known ?? parts.length;
  if (known === undefined || key === undefined) {
    const expectation = expectationOf({ expectedVersion, version }, aggregate !== undefined, path, problems);
    if (known === undefined) parts.push({ aggregate, tenantId: tenant, expectation, events: [] });
    if (key !== undefined) byAggregate.set(key, part);
  } else {
    checkFollower({ expectedVersion, version }, parts[part]!, path, problems);
  }
  const newEvent = rest as unknown as NewEvent;
  const withSchema =
    schemaVersion === undefined ? newEvent : { ...newEvent, schemaVersion: schemaNumber(schemaVersion) };
  return { part, index: parts[part]!.events.push(withSchema as NewEvent) - 1 };
}

/** Events without aggregate that follow each other share a part. */
function partWithoutAggregate(parts: readonly GrowingPart[], tenantId: string | undefined): number | undefined {
  const last = parts.at(-1);
  return last && !last.aggregate && last.tenantId === tenantId ? parts.length - 1 : undefined;
}

/** `2` and `"v2"` mean the same; anything else is left for the store to refuse. */
function schemaNumber(value: unknown): unknown {
  return typeof value === 'string' && /^v[1-9]\d{0,15}$/.test(value) ? Number(value.slice(1)) : value;
}

function checkTenant(
  given: unknown,
  fromQuery: string | undefined,
  path: string,
  problems: ValidationProblem[],
): string | undefined {
  if (given === undefined) return fromQuery;
  if (typeof given !== 'string') problems.push({ path: `${path}tenantId`, message: 'must be a string' });
  else if (fromQuery !== undefined && given !== fromQuery) {
    problems.push({ path: `${path}tenantId`, message: 'differs from tenantId in the query' });
  }
  return typeof given === 'string' ? given : fromQuery;
}

function checkAggregate(
  type: unknown,
  id: unknown,
  tenantId: string | undefined,
  path: string,
  problems: ValidationProblem[],
): AggregateRef | undefined {
  if (type === undefined && id === undefined) return undefined;
  if (type === undefined) problems.push({ path: `${path}aggregateType`, message: 'is needed beside aggregateId' });
  else if (typeof type !== 'string') problems.push({ path: `${path}aggregateType`, message: 'must be a string' });
  if (id === undefined) problems.push({ path: `${path}aggregateId`, message: 'is needed beside aggregateType' });
  else if (typeof id !== 'string') problems.push({ path: `${path}aggregateId`, message: 'must be a string' });
  if (typeof type !== 'string' || typeof id !== 'string') return undefined;
  return { type, id, tenantId };
}

/** A later event of an aggregate: the first one's expectation counts, a version must follow from it. */
function checkFollower(
  fields: { expectedVersion: unknown; version: unknown },
  part: GrowingPart,
  path: string,
  problems: ValidationProblem[],
): void {
  const { expectedVersion, version } = fields;
  if (expectedVersion !== undefined) {
    const problem = expectedVersionProblem(expectedVersion);
    if (problem) problems.push({ path: `${path}expectedVersion`, message: problem });
  }
  if (version === undefined) return;
  const first = part.expectation.firstVersion;
  if (first === undefined) {
    const message = 'needs version or a number as expectedVersion at the first event of the aggregate';
    problems.push({ path: `${path}version`, message });
  } else if (version !== first + part.events.length) {
    problems.push({
      path: `${path}version`,
      message: `must be ${first + part.events.length}, after the event before it`,
    });
  }
}

function applyPrecondition(
  parts: readonly GrowingPart[],
  precondition: ExpectedVersion | undefined,
  problems: ValidationProblem[],
): void {
  if (precondition === undefined) return;
  const [part] = parts;
  if (parts.length !== 1 || !part?.aggregate) {
    problems.push({ path: '', message: 'If-Match and If-None-Match need events of exactly one aggregate' });
  } else if (part.expectation.expected !== undefined && !isSame(part.expectation.expected, precondition)) {
    problems.push({ path: '', message: 'If-Match or If-None-Match disagrees with the version expected in the body' });
  } else {
    part.expectation = { ...part.expectation, expected: precondition };
  }
}

function isSame(a: ExpectedVersion, b: ExpectedVersion): boolean {
  return (a === 'none' ? 0 : a) === (b === 'none' ? 0 : b);
}

function finish({ aggregate, tenantId, expectation, events }: GrowingPart): AppendPart {
  return aggregate ? { aggregate, expectedVersion: expectation.expected, events } : { tenantId, events };
}

/** The store answers part by part, the client wants the order it asked in. */
function orderOf(places: readonly EventPlace[], parts: readonly GrowingPart[]): readonly number[] {
  const starts: number[] = [];
  let next = 0;
  for (const part of parts) {
    starts.push(next);
    next += part.events.length;
  }
  return places.map(({ part, index }) => (starts[part] ?? 0) + index);
}
