import {
  type AppendResult,
  type PreparedAppend,
  type PreparedPart,
  ConcurrencyError,
  ValidationError,
  satisfiesExpectation,
} from '@annals/core';
import { appendResult } from './append-result.ts';
import { findEarlierAttempt } from './earlier-attempt.ts';
import type { EventLog } from './event-log.ts';
import { type IdempotencyMarkers, markerKey } from './idempotency-markers.ts';
import { type EncodedEvent, type StoredEvent, encodeEvent, storeEvent } from './stored-event.ts';

/** What an append is committed to. */
export interface CommitTarget {
  readonly log: EventLog;
  readonly markers: IdempotencyMarkers;
  readonly maxPayloadBytes: number;
  /** Time of the commit, ISO 8601 in UTC; never goes back. */
  readonly recordedAt: () => string;
}

/**
 * Appends all or nothing, without waiting in between.
 *
 * @param contentHash tells the repetition of a key from its use for something else
 * @throws ValidationError, PayloadTooLarge, BatchTooLarge, IdempotencyKeyReused, ConcurrencyError
 */
export function commitAppend(target: CommitTarget, append: PreparedAppend, contentHash: () => string): AppendResult {
  const encoded = encodeParts(append, target.maxPayloadBytes);
  const key = markerKey(append);
  const hash = key && contentHash();
  const first = key && target.markers.find(key, hash!);
  if (first) return { ...first, repeated: true };
  const earlier = findEarlierAttempt(target.log, append);
  if (earlier) return appendResult(earlier, true);
  append.parts.forEach((part, i) => checkExpectation(target.log, part, pathOf(append, i)));
  const result = appendResult(store(target, append, encoded), false);
  if (key) {
    target.log.nextSequence();
    target.markers.keep(key, hash!, result);
  }
  return result;
}

function checkExpectation(log: EventLog, part: PreparedPart, path: string): void {
  if (part.aggregate) {
    const actual = log.eventsOf(part.aggregate).length;
    if (!satisfiesExpectation(part.expectedVersion, actual))
      throw new ConcurrencyError(part.aggregate, part.expectedVersion, actual);
    return;
  }
  const taken = part.events.findIndex((event) => log.withoutAggregate(part.tenantId, event.messageId));
  if (taken < 0) return;
  const message = `${part.events[taken]!.messageId} belongs to an event that another append stored before`;
  throw new ValidationError([{ path: `${path}events.${taken}.messageId`, message }]);
}

function encodeParts(append: PreparedAppend, limitBytes: number): EncodedEvent[][] {
  let index = 0;
  return append.parts.map((part, p) =>
    part.events.map((event, i) => encodeEvent(event, `${pathOf(append, p)}events.${i}`, index++, limitBytes)),
  );
}

/** Where a part is in the input; problems of a lone part are named without it. */
function pathOf(append: PreparedAppend, part: number): string {
  return append.parts.length === 1 ? '' : `parts.${part}.`;
}

function store(target: CommitTarget, append: PreparedAppend, encoded: readonly EncodedEvent[][]): StoredEvent[][] {
  const { log } = target;
  const recordedAt = target.recordedAt();
  return append.parts.map((part, p) => {
    const head = part.aggregate && log.eventsOf(part.aggregate).length;
    return encoded[p]!.map((event, i) => {
      const place = { stream: log.stream, sequence: log.nextSequence(), recordedAt, traceContext: append.traceContext };
      const stored = storeEvent(event, head === undefined ? undefined : head + i + 1, place);
      log.add(stored);
      return stored;
    });
  });
}
