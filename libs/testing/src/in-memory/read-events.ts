import { type ReadAggregateOptions, type ReadAllOptions, type RecordedEvent, matchesFilter } from '@annals/core';
import type { EventLog } from './event-log.ts';
import { type StoredEvent, copyOf } from './stored-event.ts';

/** Versions in the range, in the direction asked for, as they are when the read begins. */
export function selectVersions(events: readonly StoredEvent[], options: ReadAggregateOptions): StoredEvent[] {
  const wanted = events.slice((options.fromVersion ?? 1) - 1, options.toVersion ?? events.length);
  if (options.direction === 'backwards') wanted.reverse();
  return wanted.slice(0, options.limit ?? wanted.length);
}

/** Events that match, lazily, out of those that are stored when the read begins. */
export function* selectEvents(log: EventLog, options: ReadAllOptions): Generator<StoredEvent> {
  const backwards = options.direction === 'backwards';
  const after = options.after?.find(({ stream }) => stream === log.stream)?.sequence;
  const end = log.events.length;
  let left = options.limit ?? Infinity;
  for (let i = 0; i < end && left > 0; i++) {
    const stored = log.events[backwards ? end - 1 - i : i]!;
    if (after !== undefined && (backwards ? stored.sequence >= after : stored.sequence <= after)) continue;
    if (!matchesFilter(stored.event, options)) continue;
    left--;
    yield stored;
  }
}

/** Hands out copies one by one, asking before each whether to go on. */
export async function* deliver(
  select: () => Iterable<StoredEvent>,
  goOn: () => void,
): AsyncGenerator<RecordedEvent, void, undefined> {
  goOn();
  for (const stored of select()) {
    goOn();
    yield copyOf(stored);
  }
  goOn();
}
