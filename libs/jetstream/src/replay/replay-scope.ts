import { type EventFilter, type RecordedEvent, type ReplayItem, isAnnalsError, matchesFilter } from '@annals/core';
import { eventDecoder } from '../read/event-decoder.ts';
import { type ServerFilters, serverFilters } from '../read/server-filters.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { ReplayRecord } from './replay-record.ts';

/** Which messages of a stream a job is about. */
export interface ReplayScope extends ServerFilters {
  /** What of a message is to be handed over; undefined for one that the job is not about. */
  readonly itemOf: (message: StoredMessage) => ReplayItem | undefined;
}

export function replayScope(binding: StreamBinding, record: Pick<ReplayRecord, 'filter' | 'within'>): ReplayScope {
  const { after: _, correlationId, ...filter } = record.filter;
  const { within = {} } = record;
  // What the server sends is narrowed by both, field by field; what both leave is looked at here.
  const narrowed: EventFilter = { ...within, ...defined(filter) };
  const server = serverFilters(binding.prefix, narrowed);
  const exact = server.exact && correlationId === undefined && Object.keys(within).length === 0;
  const decode = eventDecoder(narrowed, server.exact);
  const matches = (event: RecordedEvent): boolean =>
    matchesFilter(event, within) && (correlationId === undefined || event.correlationId === correlationId);
  return {
    subjects: server.subjects,
    exact,
    itemOf: (message) =>
      itemOf(message, (stored) => {
        const event = decode(stored);
        return event && (exact || matches(event)) ? event : undefined;
      }),
  };
}

function itemOf(
  message: StoredMessage,
  decode: (message: StoredMessage) => RecordedEvent | undefined,
): ReplayItem | undefined {
  const { stream, sequence, recordedAt } = message;
  const at = { position: { stream, sequence }, recordedAt };
  try {
    const event = decode(message);
    return event && { ...at, event };
  } catch (error) {
    if (isAnnalsError(error)) return { ...at, damage: error.message };
    throw error;
  }
}

function defined(filter: EventFilter): EventFilter {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
}
