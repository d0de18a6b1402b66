import { type LiveFilter, type LiveStart, MAX_SUBSCRIPTION_ID_CHARACTERS } from '@annals/contract';
import { ValidationError, type ValidationProblem } from '@annals/core';
import { asRecord } from '../http/as-record.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { type CanonicalFilter, canonicalFilter } from './live-filter.ts';
import { type CheckedLiveStart, checkLiveStart } from './live-start.ts';

/** What a client asks for over its socket, checked. */
export type CheckedMessage =
  | {
      readonly type: 'subscribe';
      readonly id: string;
      readonly filter: CanonicalFilter;
      readonly start: CheckedLiveStart;
    }
  | { readonly type: 'unsubscribe'; readonly id: string }
  | { readonly type: 'ping' };

const FIELDS: Readonly<Record<CheckedMessage['type'], readonly string[]>> = {
  subscribe: ['type', 'id', 'filter', 'from'],
  unsubscribe: ['type', 'id'],
  ping: ['type'],
};
const FILTER_FIELDS = ['tenantId', 'aggregateType', 'aggregateId', 'eventTypes'];

/** @throws HttpProblem `malformed-json` */
export function parseMessage(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HttpProblem('malformed-json', 'The message is not JSON.');
  }
  const message = asRecord(value);
  if (message === undefined) throw invalid([{ path: '', message: 'must be a JSON object' }]);
  return message;
}

/** The id that a message names, where it is one. */
export function idOf(message: Readonly<Record<string, unknown>>): string | undefined {
  const { id } = message;
  return typeof id === 'string' && id.length >= 1 && id.length <= MAX_SUBSCRIPTION_ID_CHARACTERS ? id : undefined;
}

/** @param tenantId of a filter that names none. @throws ValidationError */
export function checkMessage(message: Readonly<Record<string, unknown>>, tenantId: string | undefined): CheckedMessage {
  const { type } = message;
  if (type !== 'subscribe' && type !== 'unsubscribe' && type !== 'ping') {
    throw invalid([{ path: 'type', message: 'must be subscribe, unsubscribe or ping' }]);
  }
  refuseUnknown(message, FIELDS[type], '');
  if (type === 'ping') return { type };
  const id = idOf(message);
  if (id === undefined) {
    throw invalid([{ path: 'id', message: `must be a text of 1 to ${MAX_SUBSCRIPTION_ID_CHARACTERS} characters` }]);
  }
  if (type === 'unsubscribe') return { type, id };
  const filter = asRecord(message['filter'] === undefined ? {} : message['filter']);
  if (filter === undefined) throw invalid([{ path: 'filter', message: 'must be a JSON object' }]);
  refuseUnknown(filter, FILTER_FIELDS, 'filter.');
  const start = checkLiveStart(message['from'] as LiveStart | undefined, 'from');
  return { type, id, filter: filterOf(filter as LiveFilter, tenantId), start };
}

function filterOf(filter: LiveFilter, tenantId: string | undefined): CanonicalFilter {
  if (filter.eventTypes !== undefined && !Array.isArray(filter.eventTypes)) {
    throw invalid([{ path: 'filter.eventTypes', message: 'must be a list of event types' }]);
  }
  try {
    return canonicalFilter({ tenantId, ...filter });
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    throw invalid(error.errors.map(({ path, message }) => ({ path: `filter.${path}`, message })));
  }
}

function refuseUnknown(value: object, known: readonly string[], prefix: string): void {
  const unknown = Object.keys(value).filter((key) => !known.includes(key));
  if (unknown.length === 0) return;
  throw invalid(
    unknown
      .slice(0, 10)
      .map((key) => ({ path: `${prefix}${key.slice(0, 100)}`, message: 'is not a field of this message' })),
  );
}

function invalid(problems: readonly ValidationProblem[]): ValidationError {
  return new ValidationError([...problems]);
}
