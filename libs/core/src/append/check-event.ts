import type { EventSource } from '../event/event-message.ts';
import { eventTypeProblem, isReservedType, RESERVED_TYPE_PREFIX } from '../event/event-type.ts';
import { nameProblem } from '../event/name.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { ValidationProblem } from '../error/validation-error.ts';
import { toUtcTimestamp } from '../time/timestamp.ts';
import { MAX_FIELD_CHARACTERS, MAX_MESSAGE_ID_CHARACTERS, MAX_TAGS } from './limits.ts';

const EVENT_FIELDS: ReadonlySet<string> = new Set<keyof NewEvent>([
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
const SOURCE_FIELDS: ReadonlySet<string> = new Set<keyof EventSource>(['type', 'id', 'name']);

/**
 * What is wrong with an event as a writer hands it over; empty when nothing is. Paths are relative to the event.
 *
 * Whether `data` is JSON is seen when it is encoded, so that a large body is walked once.
 */
export function eventProblems(event: NewEvent): readonly ValidationProblem[] {
  if (!isPlainObject(event)) return [{ path: '', message: 'must be an object' }];
  let problems: ValidationProblem[] | undefined;
  const report = (path: string, message: string | undefined): void => {
    if (message !== undefined) (problems ??= []).push({ path, message });
  };
  for (const field in event) if (!EVENT_FIELDS.has(field)) report(field, 'is not a field of an event');
  report('type', typeProblem(event.type));
  report('data', dataProblem(event.data));
  if (event.timestamp !== undefined && toUtcTimestamp(event.timestamp) === undefined) {
    report('timestamp', 'must be an ISO 8601 date and time with Z or an offset');
  }
  if (event.schemaVersion !== undefined && !(Number.isSafeInteger(event.schemaVersion) && event.schemaVersion > 0)) {
    report('schemaVersion', 'must be a whole number from 1');
  }
  if (event.messageId !== undefined) report('messageId', messageIdProblem(event.messageId));
  if (event.correlationId !== undefined) report('correlationId', textProblem(event.correlationId));
  if (event.causationId !== undefined) report('causationId', textProblem(event.causationId));
  if (event.userId !== undefined) report('userId', textProblem(event.userId));
  if (event.metadata !== undefined && !isPlainObject(event.metadata)) report('metadata', 'must be an object');
  if (event.tags !== undefined) checkTags(event.tags, report);
  if (event.source !== undefined) checkSource(event.source, report);
  return problems ?? NONE;
}

const NONE: readonly ValidationProblem[] = [];

function typeProblem(type: unknown): string | undefined {
  const problem = eventTypeProblem(type);
  if (problem !== undefined || !isReservedType(type as string)) return problem;
  return `must not begin with ${RESERVED_TYPE_PREFIX}, which belongs to the store`;
}

function dataProblem(data: unknown): string | undefined {
  const isJson = data !== undefined && typeof data !== 'function' && typeof data !== 'symbol';
  return isJson ? undefined : 'must be a JSON value (null for nothing)';
}

function messageIdProblem(id: unknown): string | undefined {
  return textProblem(id, MAX_MESSAGE_ID_CHARACTERS) ?? nameProblem(id);
}

function textProblem(value: unknown, max = MAX_FIELD_CHARACTERS): string | undefined {
  const fits = typeof value === 'string' && value.length > 0 && value.length <= max;
  return fits ? undefined : `must be a text of 1 to ${max} characters`;
}

function checkTags(tags: unknown, report: (path: string, message: string | undefined) => void): void {
  if (!Array.isArray(tags) || tags.length > MAX_TAGS) report('tags', `must be a list of at most ${MAX_TAGS} texts`);
  else tags.forEach((tag, i) => report(`tags.${i}`, typeof tag === 'string' ? textProblem(tag) : 'must be a string'));
}

function checkSource(source: unknown, report: (path: string, message: string | undefined) => void): void {
  if (!isPlainObject(source)) {
    report('source', 'must be an object with type, id and name');
    return;
  }
  for (const [field, value] of Object.entries(source)) {
    if (!SOURCE_FIELDS.has(field)) report(`source.${field}`, 'is not a field of a source');
    else if (value !== undefined) report(`source.${field}`, textProblem(value));
  }
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
