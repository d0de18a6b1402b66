import type { EventMessage } from '../event/event-message.ts';
import { eventTypeProblem, isReservedType, RESERVED_TYPE_PREFIX } from '../event/event-type.ts';
import type { MessageIdSource } from '../event/message-id.ts';
import { nameProblem } from '../event/name.ts';
import type { NewEvent } from '../event/new-event.ts';
import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { type ResolvedAggregateRef, resolveAggregateRef, DEFAULT_TENANT } from '../event/aggregate-ref.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import type { AppendAllOptions, AppendPart } from './append.ts';
import { BatchTooLarge } from './append-errors.ts';
import { type ExpectedVersion, expectedVersionProblem } from './expected-version.ts';
import { MAX_BATCH_EVENTS, MAX_FIELD_CHARACTERS, MAX_MESSAGE_ID_CHARACTERS, MAX_TAGS } from './limits.ts';

/** An envelope without its version, which the commit gives it. */
export type PreparedEvent = Omit<EventMessage, 'version'>;

/** One part of an append, checked and with all defaults filled in. */
export interface PreparedPart {
  readonly tenantId: string;
  readonly aggregate: ResolvedAggregateRef | undefined;
  readonly expectedVersion: ExpectedVersion;
  readonly events: readonly PreparedEvent[];
}

/** An append, checked and with all defaults filled in. */
export interface PreparedAppend {
  readonly parts: readonly PreparedPart[];
  readonly eventCount: number;
  /** True when the writer gave every message id, so that a repetition can be recognised. */
  readonly idsGiven: boolean;
  readonly idempotencyKey: string | undefined;
  readonly traceContext: AppendAllOptions['traceContext'];
}

const EVENT_FIELDS = new Set([
  'type',
  'data',
  'messageId',
  'timestamp',
  'schemaVersion',
  'correlationId',
  'causationId',
  'userId',
  'source',
  'tags',
  'metadata',
]);
const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Checks an append and fills in ids, timestamps and correlation.
 *
 * All problems are collected before anything is refused. Values of `data` are only checked for being JSON when they are
 * encoded, so that a large body is walked once.
 *
 * @throws ValidationError with every problem, by path; BatchTooLarge above 1,000 events
 */
export function prepareAppend(
  parts: readonly AppendPart[],
  options: AppendAllOptions | undefined,
  nextId: MessageIdSource,
  now: () => number,
): PreparedAppend {
  const problems: ValidationProblem[] = [];
  if (!Array.isArray(parts) || parts.length === 0)
    throw new ValidationError([{ path: '', message: 'an append needs events' }]);
  let eventCount = 0;
  for (const part of parts) eventCount += Array.isArray(part?.events) ? part.events.length : 0;
  if (eventCount > MAX_BATCH_EVENTS) throw new BatchTooLarge(MAX_BATCH_EVENTS, eventCount);

  const defaults = { timestamp: new Date(now()).toISOString(), correlationId: undefined as string | undefined };
  let idsGiven = true;
  const single = parts.length === 1;
  const prepared = parts.map((part, index) => {
    const path = single ? '' : `parts.${index}.`;
    if (typeof part !== 'object' || part === null) {
      problems.push({ path: `parts.${index}`, message: 'must be an object' });
      return undefined;
    }
    const { aggregate, tenantId } = prepareTarget(part, path, problems);
    if (!Array.isArray(part.events) || part.events.length === 0) {
      problems.push({ path: `${path}events`, message: 'must hold at least one event' });
      return undefined;
    }
    const events = part.events.map((event: NewEvent, i: number) => {
      const before = problems.length;
      checkEvent(event, `${path}events.${i}`, problems);
      if (problems.length > before) return undefined;
      if (event.messageId === undefined) idsGiven = false;
      return fillIn(event, aggregate, tenantId, nextId, defaults);
    });
    return { tenantId, aggregate, expectedVersion: part.expectedVersion ?? 'any', events };
  });
  checkOptions(options, problems);
  checkDistinct(prepared, problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return {
    parts: prepared as PreparedPart[],
    eventCount,
    idsGiven,
    idempotencyKey: options?.idempotencyKey,
    traceContext: options?.traceContext,
  };
}

function prepareTarget(part: AppendPart, path: string, problems: ValidationProblem[]) {
  const { aggregate, tenantId } = part;
  const tenant = aggregate?.tenantId ?? tenantId ?? DEFAULT_TENANT;
  report(nameProblem(tenant), `${path}tenantId`, problems);
  if (part.expectedVersion !== undefined) {
    report(expectedVersionProblem(part.expectedVersion), `${path}expectedVersion`, problems);
    if (!aggregate) problems.push({ path: `${path}expectedVersion`, message: 'needs an aggregate' });
  }
  if (!aggregate) return { aggregate: undefined, tenantId: tenant };
  report(nameProblem(aggregate.type), `${path}aggregateType`, problems);
  report(nameProblem(aggregate.id), `${path}aggregateId`, problems);
  if (tenantId !== undefined && aggregate.tenantId !== undefined && tenantId !== aggregate.tenantId) {
    problems.push({ path: `${path}tenantId`, message: 'differs from the tenant of the aggregate' });
  }
  return { aggregate: resolveAggregateRef({ ...aggregate, tenantId: tenant }), tenantId: tenant };
}

function fillIn(
  event: NewEvent,
  aggregate: ResolvedAggregateRef | undefined,
  tenantId: string,
  nextId: MessageIdSource,
  defaults: { timestamp: string; correlationId: string | undefined },
): PreparedEvent {
  const messageId = event.messageId ?? nextId();
  defaults.correlationId ??= event.correlationId ?? messageId;
  return {
    messageId,
    type: event.type,
    data: event.data,
    timestamp: event.timestamp === undefined ? defaults.timestamp : toUtcTimestamp(event.timestamp)!,
    tenantId,
    ...(aggregate && { aggregateId: aggregate.id, aggregateType: aggregate.type }),
    schemaVersion: event.schemaVersion ?? 1,
    correlationId: event.correlationId ?? defaults.correlationId,
    ...(event.causationId !== undefined && { causationId: event.causationId }),
    ...(event.userId !== undefined && { userId: event.userId }),
    ...(event.source !== undefined && { source: event.source }),
    ...(event.tags !== undefined && { tags: event.tags }),
    ...(event.metadata !== undefined && { metadata: event.metadata }),
  };
}

function checkEvent(event: NewEvent, path: string, problems: ValidationProblem[]): void {
  if (typeof event !== 'object' || event === null || Array.isArray(event)) {
    problems.push({ path, message: 'must be an object' });
    return;
  }
  for (const field in event) {
    if (!EVENT_FIELDS.has(field)) problems.push({ path: `${path}.${field}`, message: 'is not a field of an event' });
  }
  const typeProblem = eventTypeProblem(event.type);
  report(typeProblem, `${path}.type`, problems);
  if (!typeProblem && isReservedType(event.type)) {
    problems.push({
      path: `${path}.type`,
      message: `must not begin with ${RESERVED_TYPE_PREFIX}, which belongs to the store`,
    });
  }
  if (event.data === undefined || typeof event.data === 'function' || typeof event.data === 'symbol') {
    problems.push({ path: `${path}.data`, message: 'must be a JSON value (null for nothing)' });
  }
  if (event.timestamp !== undefined && toUtcTimestamp(event.timestamp) === undefined) {
    problems.push({ path: `${path}.timestamp`, message: 'must be an ISO 8601 date and time with Z or an offset' });
  }
  if (event.schemaVersion !== undefined && !(Number.isSafeInteger(event.schemaVersion) && event.schemaVersion > 0)) {
    problems.push({ path: `${path}.schemaVersion`, message: 'must be a whole number from 1' });
  }
  checkText(event.messageId, `${path}.messageId`, MAX_MESSAGE_ID_CHARACTERS, problems);
  if (event.messageId !== undefined && typeof event.messageId === 'string')
    report(nameProblem(event.messageId), `${path}.messageId`, problems);
  checkText(event.correlationId, `${path}.correlationId`, MAX_FIELD_CHARACTERS, problems);
  checkText(event.causationId, `${path}.causationId`, MAX_FIELD_CHARACTERS, problems);
  checkText(event.userId, `${path}.userId`, MAX_FIELD_CHARACTERS, problems);
  if (event.tags !== undefined) checkTags(event.tags, `${path}.tags`, problems);
  if (event.metadata !== undefined && !isPlainObject(event.metadata)) {
    problems.push({ path: `${path}.metadata`, message: 'must be an object' });
  }
  if (event.source !== undefined) checkSource(event.source, `${path}.source`, problems);
}

function checkTags(tags: unknown, path: string, problems: ValidationProblem[]): void {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) {
    problems.push({ path, message: `must be a list of at most ${MAX_TAGS} texts` });
    return;
  }
  tags.forEach((tag, i) => {
    if (typeof tag !== 'string') problems.push({ path: `${path}.${i}`, message: 'must be a string' });
    else checkText(tag, `${path}.${i}`, MAX_FIELD_CHARACTERS, problems);
  });
}

function checkSource(source: unknown, path: string, problems: ValidationProblem[]): void {
  if (!isPlainObject(source)) {
    problems.push({ path, message: 'must be an object with type, id and name' });
    return;
  }
  for (const [key, value] of Object.entries(source)) {
    if (key !== 'type' && key !== 'id' && key !== 'name')
      problems.push({ path: `${path}.${key}`, message: 'is not a field of a source' });
    else checkText(value, `${path}.${key}`, MAX_FIELD_CHARACTERS, problems);
  }
}

function checkText(value: unknown, path: string, max: number, problems: ValidationProblem[]): void {
  if (value === undefined) return;
  if (typeof value !== 'string' || value.length === 0 || value.length > max) {
    problems.push({ path, message: `must be a text of 1 to ${max} characters` });
  }
}

function checkOptions(options: AppendAllOptions | undefined, problems: ValidationProblem[]): void {
  if (options?.idempotencyKey !== undefined) report(nameProblem(options.idempotencyKey), 'idempotencyKey', problems);
  const trace = options?.traceContext;
  if (trace === undefined) return;
  if (typeof trace.traceparent !== 'string' || !TRACEPARENT.test(trace.traceparent)) {
    problems.push({ path: 'traceContext.traceparent', message: 'must be a W3C traceparent' });
  }
  const state = trace.tracestate;
  if (state !== undefined && (typeof state !== 'string' || state.length > 512 || !PRINTABLE_ASCII.test(state))) {
    problems.push({ path: 'traceContext.tracestate', message: 'must be a W3C tracestate of at most 512 characters' });
  }
}

/** One append names each aggregate and each message id once: a second mention could not be told from a repetition. */
function checkDistinct(
  parts: readonly (
    { aggregate: ResolvedAggregateRef | undefined; events: readonly (PreparedEvent | undefined)[] } | undefined
  )[],
  problems: ValidationProblem[],
): void {
  const aggregates = new Set<string>();
  const given = new Set<string>();
  parts.forEach((part, index) => {
    if (!part) return;
    if (part.aggregate) {
      const key = JSON.stringify([part.aggregate.tenantId, part.aggregate.type, part.aggregate.id]);
      if (aggregates.has(key))
        problems.push({ path: `parts.${index}.aggregate`, message: 'is named twice: put its events into one part' });
      aggregates.add(key);
    }
    part.events.forEach((event, i) => {
      if (!event) return;
      if (given.has(event.messageId)) {
        const path = parts.length === 1 ? `events.${i}.messageId` : `parts.${index}.events.${i}.messageId`;
        problems.push({ path, message: 'is given twice in one append' });
      }
      given.add(event.messageId);
    });
  });
}

function report(problem: string | undefined, path: string, problems: ValidationProblem[]): void {
  if (problem) problems.push({ path, message: problem });
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
