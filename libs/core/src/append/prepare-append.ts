import { type ResolvedAggregateRef, DEFAULT_TENANT } from '../event/aggregate-ref.ts';
import type { EventMessage } from '../event/event-message.ts';
import type { MessageIdSource } from '../event/message-id.ts';
import { nameProblem } from '../event/name.ts';
import type { NewEvent } from '../event/new-event.ts';
import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import type { AppendAllOptions, AppendPart } from './append.ts';
import { BatchTooLarge } from './append-errors.ts';
import { eventProblems } from './check-event.ts';
import { checkDistinct } from './check-distinct.ts';
import { type ExpectedVersion, expectedVersionProblem } from './expected-version.ts';
import { MAX_BATCH_EVENTS } from './limits.ts';

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

/** A part whose refused events leave holes, so that the others keep their places in the input. */
export type DraftPart = Omit<PreparedPart, 'events'> & { readonly events: readonly (PreparedEvent | undefined)[] };

/** What fills in what the writer left open, and where problems are collected. */
interface Preparation {
  readonly problems: ValidationProblem[];
  readonly nextId: MessageIdSource;
  readonly timestamp: string;
  correlationId: string | undefined;
  idsGiven: boolean;
}

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;

/**
 * Checks an append and fills in ids, timestamps and correlation. All problems are collected before anything is refused.
 *
 * @throws ValidationError with every problem, by path; BatchTooLarge above 1,000 events
 */
export function prepareAppend(
  parts: readonly AppendPart[],
  options: AppendAllOptions | undefined,
  nextId: MessageIdSource,
  now: () => number,
): PreparedAppend {
  if (!Array.isArray(parts) || parts.length === 0) {
    throw new ValidationError([{ path: '', message: 'an append needs events' }]);
  }
  const eventCount = countEvents(parts);
  const preparation: Preparation = {
    problems: [],
    nextId,
    timestamp: isoTimestamp(now()),
    correlationId: undefined,
    idsGiven: true,
  };
  const drafts = Array.from(parts, (part: AppendPart, i): DraftPart =>
    preparePart(part, parts.length === 1 ? '' : `parts.${i}.`, preparation),
  );
  if (options != null) checkOptions(options, preparation.problems);
  if (options?.idempotencyKey !== undefined) checkOneTenant(drafts, preparation.problems);
  if (eventCount > 1 || parts.length > 1) checkDistinct(drafts, preparation.problems);
  if (preparation.problems.length > 0) throw new ValidationError(preparation.problems);
  return {
    // Every hole is a problem, so by here there is none.
    parts: drafts as PreparedPart[],
    eventCount,
    idsGiven: preparation.idsGiven,
    idempotencyKey: options?.idempotencyKey,
    traceContext: options?.traceContext,
  };
}

function countEvents(parts: readonly AppendPart[]): number {
  let count = 0;
  for (const part of parts) count += Array.isArray(part?.events) ? part.events.length : 0;
  if (count > MAX_BATCH_EVENTS) throw new BatchTooLarge(MAX_BATCH_EVENTS, count);
  return count;
}

function preparePart(part: AppendPart, path: string, preparation: Preparation): DraftPart {
  const { problems } = preparation;
  if (typeof part !== 'object' || part === null) {
    problems.push({ path: path.slice(0, -1), message: 'must be an object' });
    return { tenantId: DEFAULT_TENANT, aggregate: undefined, expectedVersion: 'any', events: [] };
  }
  const aggregate = prepareTarget(part, path, problems);
  const tenantId = aggregate?.tenantId ?? part.tenantId ?? DEFAULT_TENANT;
  let events: readonly (PreparedEvent | undefined)[] = [];
  if (!Array.isArray(part.events) || part.events.length === 0) {
    problems.push({ path: `${path}events`, message: 'must hold at least one event' });
  } else {
    // Not map, which would pass over the holes of a sparse list.
    events = Array.from(part.events, (event: NewEvent, i) => {
      const wrong = eventProblems(event);
      if (wrong.length === 0) return fillIn(event, aggregate, tenantId, preparation);
      for (const problem of wrong) {
        const inEvent = problem.path === '' ? '' : `.${problem.path}`;
        problems.push({ path: `${path}events.${i}${inEvent}`, message: problem.message });
      }
      return undefined;
    });
  }
  return { tenantId, aggregate, expectedVersion: part.expectedVersion ?? 'any', events };
}

function prepareTarget(
  part: AppendPart,
  path: string,
  problems: ValidationProblem[],
): ResolvedAggregateRef | undefined {
  const { aggregate, expectedVersion } = part;
  const report = (field: string, problem: string | undefined): void => {
    if (problem !== undefined) problems.push({ path: path + field, message: problem });
  };
  const tenantId = aggregate?.tenantId ?? part.tenantId ?? DEFAULT_TENANT;
  if (tenantId !== DEFAULT_TENANT) report('tenantId', nameProblem(tenantId));
  if (expectedVersion !== undefined) {
    report('expectedVersion', expectedVersionProblem(expectedVersion));
    if (!aggregate) report('expectedVersion', 'needs an aggregate');
  }
  if (aggregate === undefined) return undefined;
  if (typeof aggregate !== 'object' || aggregate === null) {
    report('aggregate', 'must be an object with type and id');
    return undefined;
  }
  report('aggregateType', nameProblem(aggregate.type));
  report('aggregateId', nameProblem(aggregate.id));
  if (part.tenantId !== undefined && part.tenantId !== tenantId) {
    report('tenantId', 'differs from the tenant of the aggregate');
  }
  return { tenantId, type: aggregate.type, id: aggregate.id };
}

/** The envelope, its fields in the order in which they are stored. */
function fillIn(
  event: NewEvent,
  aggregate: ResolvedAggregateRef | undefined,
  tenantId: string,
  preparation: Preparation,
): PreparedEvent {
  if (event.messageId === undefined) preparation.idsGiven = false;
  const messageId = event.messageId ?? preparation.nextId();
  preparation.correlationId ??= event.correlationId ?? messageId;
  const envelope: { -readonly [Field in keyof PreparedEvent]: PreparedEvent[Field] } = {
    messageId,
    type: event.type,
    data: event.data,
    timestamp: event.timestamp === undefined ? preparation.timestamp : toUtcTimestamp(event.timestamp)!,
    tenantId,
    schemaVersion: event.schemaVersion ?? 1,
    correlationId: event.correlationId ?? preparation.correlationId,
  };
  if (aggregate !== undefined) {
    envelope.aggregateId = aggregate.id;
    envelope.aggregateType = aggregate.type;
  }
  if (event.causationId !== undefined) envelope.causationId = event.causationId;
  if (event.userId !== undefined) envelope.userId = event.userId;
  if (event.source !== undefined) envelope.source = event.source;
  if (event.tags !== undefined) envelope.tags = event.tags;
  if (event.metadata !== undefined) envelope.metadata = event.metadata;
  return envelope;
}

function checkOptions(options: AppendAllOptions, problems: ValidationProblem[]): void {
  const { idempotencyKey, traceContext } = options;
  if (idempotencyKey !== undefined) {
    const problem = nameProblem(idempotencyKey);
    if (problem) problems.push({ path: 'idempotencyKey', message: problem });
  }
  if (traceContext == null) return;
  if (typeof traceContext.traceparent !== 'string' || !TRACEPARENT.test(traceContext.traceparent)) {
    problems.push({ path: 'traceContext.traceparent', message: 'must be a W3C traceparent' });
  }
  const state = traceContext.tracestate;
  if (state !== undefined && (typeof state !== 'string' || state.length > 512 || !PRINTABLE_ASCII.test(state))) {
    const message = 'must be a W3C tracestate of at most 512 characters';
    problems.push({ path: 'traceContext.tracestate', message });
  }
}

/** A key belongs to a tenant. */
function checkOneTenant(parts: readonly DraftPart[], problems: ValidationProblem[]): void {
  if (parts.some(({ tenantId }) => tenantId !== parts[0]!.tenantId)) {
    problems.push({
      path: 'idempotencyKey',
      message: 'cannot be given for events of several tenants: append to each by itself',
    });
  }
}

let formattedMs = Number.NaN;
let formatted = '';

/** Many appends fall into one millisecond, and formatting a date costs as much as hashing an event. */
function isoTimestamp(ms: number): string {
  if (ms !== formattedMs) {
    formatted = new Date(ms).toISOString();
    formattedMs = ms;
  }
  return formatted;
}
