import {
  type RecordedEvent,
  type ReplayFilter,
  type ReplayItem,
  type ReplaySource,
  type SubscriptionFilter,
  matchesFilter,
} from '@annals/core';
import type { EventLog } from '../event-log.ts';
import { selectEvents } from '../read-events.ts';
import { copyOf } from '../stored-event.ts';

/** Which part of the log a job is about. */
export interface ReplayPart {
  readonly filter: ReplayFilter;
  /** What the events must match too. */
  readonly within: SubscriptionFilter | undefined;
  /** The last sequence that was there when the job was made. */
  readonly to: number;
}

/** As many places as a batch has, so that a replay is seen under way. */
const CHUNK = 100;

export function countPart(log: EventLog, part: ReplayPart): number {
  let count = 0;
  for (const _ of eventsOf(log, part, 0)) count++;
  return count;
}

/** The part's events behind a sequence. */
export function partSource(log: EventLog, part: ReplayPart, after: number): ReplaySource {
  const events = eventsOf(log, part, after);
  return {
    async next() {
      const items: ReplayItem[] = [];
      while (items.length < CHUNK) {
        const { done, value: event } = events.next();
        if (done) break;
        items.push({ position: event.position, recordedAt: event.recordedAt, event });
      }
      return items.length > 0 ? items : undefined;
    },
    settle() {},
    close() {},
  };
}

function* eventsOf(
  log: EventLog,
  { filter, within = {}, to }: ReplayPart,
  after: number,
): Generator<RecordedEvent, void> {
  const { correlationId, ...readable } = filter;
  for (const stored of selectEvents(log, readable)) {
    const { event, sequence } = stored;
    if (sequence > to || sequence <= after || !matchesFilter(event, within)) continue;
    if (correlationId === undefined || event.correlationId === correlationId) yield copyOf(stored);
  }
}
