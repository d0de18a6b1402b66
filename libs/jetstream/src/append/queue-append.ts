import {
  type AppendResult,
  BatchTooLarge,
  MAX_BATCH_EVENTS,
  PayloadTooLarge,
  type PreparedAppend,
  type PreparedPart,
} from '@annals/core';
import { encodeWithoutVersion } from '../codec/event-codec.ts';
import { HEADER } from '../header/header-names.ts';
import { aggregatePrefix, filterOf, idempotencySubject, looseEventPrefix } from '../subject/subject-map.ts';
import type { HeadCache } from './head-cache.ts';
import { implicitKey } from './idempotency-marker.ts';
import { Lane } from './lane.ts';
import type { EncodedEvent, PendingAppend, PendingPart } from './pending-append.ts';
import type { StreamCommitter } from './stream-committer.ts';

/** More than the headers of any message take beside its filter and trace. */
const HEADER_BYTES = 512;
/** Room for `,"version":9007199254740991`. */
const VERSION_BYTES = 28;
/** A commit with an event above this is not shared: it would hold up the others. */
const LARGE_EVENT_BYTES = 64 * 1024;

/** What {@link pendingAppend} needs to know of the call. */
export interface AppendCall {
  /** Called only where the append has a key. */
  readonly contentHash: () => string;
  readonly deadlineMs: number;
  readonly maxPayloadBytes: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Encodes an append and finds the lanes that it will wait in.
 *
 * @throws ValidationError when data is not JSON; PayloadTooLarge
 */
export function pendingAppend(
  prepared: PreparedAppend,
  committer: StreamCommitter,
  heads: HeadCache,
  call: AppendCall,
): PendingAppend {
  const traceHeaders = traceLines(prepared);
  const limit = { bytes: 0, largest: 0, index: 0, max: call.maxPayloadBytes - HEADER_BYTES - traceHeaders.length };
  const single = prepared.parts.length === 1;
  const encoded = prepared.parts.map((part, i) => encodePart(part, single ? 'events' : `parts.${i}.events`, limit));
  const append: PendingAppend = {
    prepared,
    committer,
    parts: [],
    marker: undefined,
    traceHeaders,
    messageCount: prepared.eventCount,
    bytes: limit.bytes,
    large: limit.largest > LARGE_EVENT_BYTES,
    deadlineMs: call.deadlineMs,
    attempts: 0,
    inHand: false,
    resolve: call.resolve,
    reject: call.reject,
  };
  addMarker(append, call.contentHash);
  prepared.parts.forEach((part, i) => addParts(append, part, encoded[i]!, heads));
  return append;
}

function encodePart(
  part: PreparedPart,
  path: string,
  limit: { bytes: number; largest: number; index: number; max: number },
): EncodedEvent[] {
  const nameBytes = 2 * 3 * 200;
  return part.events.map((event, i) => {
    const json = encodeWithoutVersion(event, `${path}.${i}`);
    const jsonBytes = Buffer.byteLength(json);
    const bytes = jsonBytes + VERSION_BYTES;
    if (bytes > limit.max - nameBytes) throw new PayloadTooLarge(limit.max - nameBytes, bytes, limit.index);
    limit.index++;
    limit.bytes += bytes;
    limit.largest = Math.max(limit.largest, bytes);
    return { messageId: event.messageId, type: event.type, timestamp: event.timestamp, json, jsonBytes };
  });
}

function addParts(append: PendingAppend, part: PreparedPart, events: EncodedEvent[], heads: HeadCache): void {
  const { binding } = append.committer;
  const { aggregate, tenantId, expectedVersion } = part;
  if (aggregate) {
    const prefix = aggregatePrefix(binding.prefix, aggregate);
    const lane = append.committer.lane(
      prefix,
      () => new Lane('aggregate', prefix, filterOf(prefix), aggregate, heads.get(prefix)),
    );
    append.parts.push(pendingPart(append, lane, events, expectedVersion));
    return;
  }
  for (const event of events) {
    const prefix = looseEventPrefix(binding.prefix, tenantId, event.messageId);
    const lane = append.committer.lane(prefix, () => new Lane('loose', prefix, filterOf(prefix), undefined, undefined));
    append.parts.push(pendingPart(append, lane, [event], 'none'));
  }
}

function addMarker(append: PendingAppend, contentHash: () => string): void {
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
  const lane = committer.lane(subject, () => new Lane('marker', subject, subject, undefined, undefined));
  append.marker = {
    part: pendingPart(append, lane, [], 'none'),
    subject,
    contentHash: contentHash(),
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

function traceLines(prepared: PreparedAppend): string {
  const trace = prepared.traceContext;
  if (!trace) return '';
  const state = trace.tracestate ? `${HEADER.tracestate}: ${trace.tracestate}\r\n` : '';
  return `${HEADER.traceparent}: ${trace.traceparent}\r\n${state}`;
}
