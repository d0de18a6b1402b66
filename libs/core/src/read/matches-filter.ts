import type { RecordedEvent } from '../event/event-message.ts';
import { isWithin } from '../time/timestamp.ts';
import { matchesPattern } from './event-pattern.ts';
import type { EventFilter } from './read-options.ts';

/** True when the event is one that the filter means. The filter's times must be in UTC, as `checkFilter` leaves them. */
export function matchesFilter(event: RecordedEvent, filter: EventFilter): boolean {
  const { tenantId, aggregateType, aggregateId, eventTypes, fromVersion, toVersion } = filter;
  if (tenantId !== undefined && event.tenantId !== tenantId) return false;
  if (aggregateType !== undefined && event.aggregateType !== aggregateType) return false;
  if (aggregateId !== undefined && event.aggregateId !== aggregateId) return false;
  if (eventTypes !== undefined && !eventTypes.some((pattern) => matchesPattern(pattern, event.type))) return false;
  if ((fromVersion !== undefined || toVersion !== undefined) && event.version === undefined) return false;
  if (fromVersion !== undefined && event.version! < fromVersion) return false;
  if (toVersion !== undefined && event.version! > toVersion) return false;
  return (
    isWithin(event.timestamp, filter.fromTimestamp, filter.toTimestamp) &&
    isWithin(event.recordedAt, filter.recordedFrom, filter.recordedTo)
  );
}
