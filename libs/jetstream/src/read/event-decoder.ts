import { type EventFilter, type RecordedEvent, isWithin, matchesFilter, matchesPattern } from '@annals/core';
import { headerValue } from '../header/header-block.ts';
import { HEADER } from '../header/header-names.ts';
import { parseEventSubject } from '../subject/subject-map.ts';
import { hasTimes } from './server-filters.ts';
import { type StoredMessage, checkEventSubject, storedEvent } from './stored-message.ts';

/**
 * Turns messages into the events that match a filter, undefined for the others. Times are looked at before the body is
 * parsed, so that a narrow range costs little.
 *
 * @param isExact true when the server has applied the whole filter
 * @returns throws CorruptEvent for a message that is no event
 */
export function eventDecoder(
  filter: EventFilter,
  isExact: boolean,
): (message: StoredMessage) => RecordedEvent | undefined {
  if (isExact) return storedEvent;
  const timed = hasTimes(filter);
  return (message) => {
    if (timed && !timesMatch(message, filter)) return undefined;
    const event = storedEvent(message);
    return matchesFilter(event, filter) ? event : undefined;
  };
}

/** Tells whether a message without body matches a filter: all that a filter asks for is in the subject and the headers. */
export function envelopeMatcher(filter: EventFilter, prefix: string): (message: StoredMessage) => boolean {
  const { eventTypes, fromVersion = 1, toVersion = Infinity } = filter;
  const versioned = filter.fromVersion !== undefined || filter.toVersion !== undefined;
  return (message) => {
    const subject = checkEventSubject(parseEventSubject(prefix, message.subject), message);
    if (eventTypes && !eventTypes.some((pattern) => matchesPattern(pattern, subject.type))) return false;
    if (versioned && (subject.version === undefined || subject.version < fromVersion || subject.version > toVersion)) {
      return false;
    }
    return timesMatch(message, filter);
  };
}

function timesMatch(message: StoredMessage, filter: EventFilter): boolean {
  if (!isWithin(message.recordedAt, filter.recordedFrom, filter.recordedTo)) return false;
  const timestamp = headerValue(message.headers, HEADER.time);
  return timestamp === undefined || isWithin(timestamp, filter.fromTimestamp, filter.toTimestamp);
}
