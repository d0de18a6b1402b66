import {
  type AppendPart,
  BatchTooLarge,
  MAX_BATCH_EVENTS,
  PayloadTooLarge,
  type PreparedAppend,
  type PreparedPart,
  type TraceContext,
  appendContentHash,
} from '@annals/core';
import { encodeWithoutVersion } from '../codec/event-codec.ts';
import { HEADER } from '../header/header-names.ts';
import { aggregatePrefix, filterOf, idempotencySubject, looseEventPrefix } from '../subject/subject-map.ts';
import type { HeadCache } from './head-cache.ts';
import { implicitKey } from './idempotency-marker.ts';
import { Lane } from './lane.ts';
import {
  type AppendAnswer,
  type AppendOwner,
  type EncodedEvent,
  PendingAppend,
  type PendingPart,
} from './pending-append.ts';
import type { StreamCommitter } from './stream-committer.ts';

/** More than the headers of any message take beside its filter and trace. */
const HEADER_BYTES = 512;
/** Subject and filter hold tenant, type and id, of up to 200 bytes each. */
const NAME_BYTES = 2 * 3 * 200;
/** Room for `,"version":9007199254740991`. */
const VERSION_BYTES = 28;
/** A commit with an event above this is not shared: it would hold up the others. */
const LARGE_EVENT_BYTES = 64 * 1024;

/** What {@link pendingAppend} needs to know of the call. */
export interface AppendCall {
  readonly owner: AppendOwner;
  readonly answer: AppendAnswer;
  /** As the caller gave them, to hash where the append has a key. */
  readonly given: readonly AppendPart[];
  readonly deadlineMs: number;
  readonly maxPayloadBytes: number;
}

/** What the events of an append come to, and what one of them may. */
interface Measure {
  bytes: number;
  largest: number;
  events: number;
  readonly maxEventBytes: number;
}

/**
 * Encodes an append and finds the lanes that it will wait in.
 *
 * @throws ValidationError when data is not JSON; PayloadTooLarge; BatchTooLarge
 */
export function pendingAppend(
  prepared: PreparedAppend,
  committer: StreamCommitter,
  heads: HeadCache,
  call: AppendCall,
): PendingAppend {
  const { owner, answer, given, deadlineMs, maxPayloadBytes } = call;
  const traceHeaders = prepared.traceContext ? traceLines(prepared.traceContext) : '';
  const maxEventBytes = maxPayloadBytes - HEADER_BYTES - NAME_BYTES - traceHeaders.length;
  const measure: Measure = { bytes: 0, largest: 0, events: 0, maxEventBytes };
  const { parts } = prepared;
  const encoded = parts.map((part, i) => encodePart(part, parts.length === 1 ? '' : `parts.${i}.`, measure));
  const large = measure.largest > LARGE_EVENT_BYTES;
  const append = new PendingAppend(prepared, committer, owner, answer, deadlineMs, traceHeaders, measure.bytes, large);
  addMarker(append, given);
  append.parts =
    parts.length === 1
      ? pendingParts(append, parts[0]!, encoded[0]!, heads)
      : parts.flatMap((part, i) => pendingParts(append, part, encoded[i]!, heads));
  return append;
}

function encodePart(part: PreparedPart, path: string, measure: Measure): readonly EncodedEvent[] {
  return part.events.map((event, i) => {
    const json = encodeWithoutVersion(event, `${path}events.${i}`);
    const jsonBytes = Buffer.byteLength(json);
    const bytes = jsonBytes + VERSION_BYTES;
    if (bytes > measure.maxEventBytes) throw new PayloadTooLarge(measure.maxEventBytes, bytes, measure.events);
    measure.events++;
    measure.bytes += bytes;
    if (bytes > measure.largest) measure.largest = bytes;
    return { messageId: event.messageId, type: event.type, timestamp: event.timestamp, json, jsonBytes };
  });
}

function pendingParts(
  append: PendingAppend,
  part: PreparedPart,
  events: readonly EncodedEvent[],
  heads: HeadCache,
): PendingPart[] {
  const { committer } = append;
  const { binding } = committer;
  const { aggregate, tenantId, expectedVersion } = part;
  if (!aggregate) return events.map((event) => loosePart(append, tenantId, event));
  const prefix = aggregatePrefix(binding.prefix, aggregate);
  const lane =
    committer.laneOf(prefix) ??
    committer.addLane(new Lane('aggregate', prefix, filterOf(prefix), aggregate, heads.get(prefix)));
  return [pendingPart(append, lane, events, expectedVersion)];
}

function loosePart(append: PendingAppend, tenantId: string, event: EncodedEvent): PendingPart {
  const { committer } = append;
  const prefix = looseEventPrefix(committer.binding.prefix, tenantId, event.messageId);
  const lane =
    committer.laneOf(prefix) ?? committer.addLane(new Lane('loose', prefix, filterOf(prefix), undefined, undefined));
  return pendingPart(append, lane, [event], 'none');
}

function addMarker(append: PendingAppend, given: readonly AppendPart[]): void {
  const { prepared, committer } = append;
  const implicit = implicitKey(prepared);
  const key = prepared.idempotencyKey ?? implicit;
  if (key === undefined) return;
  // The marker is a message of the batch, too.
  if (prepared.eventCount >= MAX_BATCH_EVENTS) throw new BatchTooLarge(MAX_BATCH_EVENTS - 1, prepared.eventCount);
  const { idempotencyPrefix } = committer.binding;
  // One token more than a key of the caller has, so that the two never meet.
  const prefix = implicit === undefined ? idempotencyPrefix : `${idempotencyPrefix}.ids`;
  const subject = idempotencySubject(prefix, prepared.parts[0]!.tenantId, key);
  // Before the lane, which an append that fails here would leave behind.
  const contentHash = appendContentHash(given);
  const lane =
    committer.laneOf(subject) ?? committer.addLane(new Lane('marker', subject, subject, undefined, undefined));
  append.marker = {
    part: pendingPart(append, lane, [], 'none'),
    subject,
    contentHash,
    key: prepared.idempotencyKey,
  };
  append.messageCount++;
}

function pendingPart(
  append: PendingAppend,
  lane: Lane,
  events: readonly EncodedEvent[],
  expected: PendingPart['expected'],
): PendingPart {
  return { append, lane, events, expected, headIsFresh: false, base: 0, uncertainBases: [] };
}

function traceLines(trace: TraceContext): string {
  const state = trace.tracestate ? `${HEADER.tracestate}: ${trace.tracestate}\r\n` : '';
  return `${HEADER.traceparent}: ${trace.traceparent}\r\n${state}`;
}
