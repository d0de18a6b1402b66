import {
  type CheckedStart,
  type EventFilter,
  type FollowOptions,
  type RecordedEvent,
  checkFilter,
  checkStart,
  compareTimestamps,
  matchesFilter,
} from '@annals/core';
import type { EventLog } from './event-log.ts';
import { type StoredEvent, copyOf } from './stored-event.ts';

/**
 * Events from a place on, then each that is added, as they are asked for.
 *
 * @param closed aborted with the reason that ends all following
 */
export function followLog(
  log: EventLog,
  filter: EventFilter,
  options: FollowOptions,
  closed: AbortSignal,
): AsyncIterable<RecordedEvent> {
  const storedAtCall = log.events.length;
  return {
    [Symbol.asyncIterator]: () => {
      const left = new AbortController();
      const signals = [closed, left.signal, ...(options.signal ? [options.signal] : [])];
      const events = iterate(log, filter, options, storedAtCall, AbortSignal.any(signals), left.signal);
      return {
        next: () => events.next(),
        // A generator that waits for an event takes no notice of its reader who leaves.
        return: () => {
          left.abort();
          return events.return();
        },
      };
    },
  };
}

async function* iterate(
  log: EventLog,
  filter: EventFilter,
  options: FollowOptions,
  storedAtCall: number,
  ended: AbortSignal,
  left: AbortSignal,
): AsyncGenerator<RecordedEvent, void, undefined> {
  const { from = 'now' } = options;
  const wanted = checkFilter(filter);
  const isBehind = startsAt(checkStart(from), log, storedAtCall);
  let caughtUp = false;
  for (let i = 0; ; i++) {
    if (i >= storedAtCall && !caughtUp) {
      caughtUp = true;
      options.onCaughtUp?.();
    }
    ended.throwIfAborted();
    if (i >= log.events.length && !(await grown(log, ended, left))) return;
    const stored = log.events[i]!;
    if (isBehind(stored, i) && matchesFilter(stored.event, wanted)) yield copyOf(stored);
  }
}

/** Tells which events are at the start or behind it. */
export function startsAt(
  start: CheckedStart,
  log: EventLog,
  storedAtCall = log.events.length,
): (stored: StoredEvent, index: number) => boolean {
  if (start === 'beginning') return () => true;
  if (start === 'now') return (_, index) => index >= storedAtCall;
  if ('recordedFrom' in start) return ({ event }) => compareTimestamps(event.recordedAt, start.recordedFrom) >= 0;
  const after = start.after.find(({ stream }) => stream === log.stream)?.sequence ?? 0;
  return ({ sequence }) => sequence > after;
}

/** Waits until the log has grown; false when the reader has left. @throws the reason of the end */
function grown(log: EventLog, ended: AbortSignal, left: AbortSignal): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const forget = log.onGrowth(() => {
      stopWaiting();
      resolve(true);
    });
    const end = () => {
      stopWaiting();
      if (left.aborted) resolve(false);
      else reject(ended.reason);
    };
    const stopWaiting = () => {
      forget();
      ended.removeEventListener('abort', end);
    };
    ended.addEventListener('abort', end);
  });
}
