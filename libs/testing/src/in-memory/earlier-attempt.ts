import type { PreparedAppend, PreparedPart } from '@annals/core';
import type { EventLog } from './event-log.ts';
import type { StoredEvent } from './stored-event.ts';

/**
 * The events of an earlier attempt at the same append, per part, or undefined when none landed.
 *
 * Recognised by message ids at the versions that the append would have given, so for ever; an expectation that names no
 * version tells no place to look at.
 */
export function findEarlierAttempt(log: EventLog, append: PreparedAppend): StoredEvent[][] | undefined {
  const parts = append.parts.map((part) => earlierPart(log, part));
  return parts.every((part) => part !== undefined) ? parts : undefined;
}

function earlierPart(log: EventLog, part: PreparedPart): StoredEvent[] | undefined {
  const found = part.aggregate
    ? eventsAfter(log, part)
    : part.events.map((event) => log.withoutAggregate(part.tenantId, event.messageId));
  const landed = found?.every((stored, i) => stored?.event.messageId === part.events[i]?.messageId) ?? false;
  return landed ? (found as StoredEvent[]) : undefined;
}

function eventsAfter(log: EventLog, part: PreparedPart): (StoredEvent | undefined)[] | undefined {
  const expected = part.expectedVersion === 'none' ? 0 : part.expectedVersion;
  if (typeof expected !== 'number') return undefined;
  const events = log.eventsOf(part.aggregate!);
  return part.events.map((_, i) => events[expected + i]);
}
