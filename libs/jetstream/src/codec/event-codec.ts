import {
  type EventMessage,
  type PreparedEvent,
  type RecordedEvent,
  type TraceContext,
  CorruptEvent,
  SALT_BYTES,
  ValidationError,
  fillSalt,
} from '@annals/core';
import { HEADER } from '../header/header-names.ts';
import { headerValue } from '../header/header-block.ts';

/**
 * An event as JSON without its version: the commit decides the version, and the body should not be walked again then.
 *
 * @param path of the event in the caller's input, for the problem's path
 * @throws ValidationError when `data` or `metadata` are not JSON (bigint, cycles)
 */
export function encodeWithoutVersion(event: PreparedEvent, path: string): string {
  try {
    const json = JSON.stringify(event);
    if (!vanishes(event.data)) return json;
  } catch (cause) {
    throw new ValidationError([
      { path: `${path}.data`, message: `must be JSON: ${(cause as Error).message.split('\n')[0]}` },
    ]);
  }
  throw new ValidationError([{ path: `${path}.data`, message: 'must be a JSON value, but its toJSON() gives none' }]);
}

/** True for data whose own `toJSON` leaves nothing of them. */
function vanishes(data: unknown): boolean {
  const own = (data as { toJSON?: unknown } | null)?.toJSON;
  return typeof own === 'function' && JSON.stringify(data) === undefined;
}

/** A body that is ready to be stored, with its salt in front of it: the two are hashed together. */
export interface SaltedBody {
  /** Salt, then body. */
  readonly salted: Buffer;
  /** The stored bytes: the JSON with the version as its last field. */
  readonly body: Buffer;
  /** Base64url of the salt. */
  readonly salt: string;
}

/**
 * Writes a body behind fresh salt.
 *
 * @param json of {@link encodeWithoutVersion}
 * @param jsonBytes its length in UTF-8
 * @param version undefined without aggregate
 */
export function saltedBody(json: string, jsonBytes: number, version: number | undefined): SaltedBody {
  const tail = version === undefined ? '}' : `,"version":${version}}`;
  const salted = Buffer.allocUnsafe(SALT_BYTES + jsonBytes - 1 + tail.length);
  fillSalt(salted);
  salted.write(json, SALT_BYTES, 'utf8');
  salted.write(tail, SALT_BYTES + jsonBytes - 1, 'latin1');
  return { salted, body: salted.subarray(SALT_BYTES), salt: salted.toString('base64url', 0, SALT_BYTES) };
}

/**
 * A stored message as an event.
 *
 * @param headers the message's header block as text
 * @param recordedAt as the server gives it (RFC 3339 in UTC, nanoseconds)
 * @throws CorruptEvent when the body is not an envelope
 */
export function decodeEvent(
  stream: string,
  sequence: number,
  subject: string,
  recordedAt: string,
  headers: string,
  body: Uint8Array,
): RecordedEvent {
  const position = { stream, sequence };
  const event = parseBody(body, position, subject);
  const recorded = event as EventMessage & {
    position: unknown;
    recordedAt: string;
    hash?: string;
    traceContext?: TraceContext;
  };
  recorded.position = position;
  recorded.recordedAt = recordedAt;
  const hash = headerValue(headers, HEADER.hash);
  if (hash !== undefined) recorded.hash = hash;
  const traceContext = traceContextOf(headers);
  if (traceContext !== undefined) recorded.traceContext = traceContext;
  return recorded as RecordedEvent;
}

function traceContextOf(headers: string): TraceContext | undefined {
  const traceparent = headerValue(headers, HEADER.traceparent);
  if (traceparent === undefined) return undefined;
  const tracestate = headerValue(headers, HEADER.tracestate);
  return tracestate === undefined ? { traceparent } : { traceparent, tracestate };
}

function parseBody(body: Uint8Array, position: { stream: string; sequence: number }, subject: string): EventMessage {
  let value: unknown;
  try {
    const bytes = Buffer.isBuffer(body) ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    value = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    throw new CorruptEvent(position, subject, 'its body is not JSON', { cause });
  }
  if (!isEnvelope(value)) throw new CorruptEvent(position, subject, 'its body is not an event envelope');
  return value;
}

function isEnvelope(value: unknown): value is EventMessage {
  if (typeof value !== 'object' || value === null) return false;
  const event = value as Partial<EventMessage>;
  return typeof event.messageId === 'string' && typeof event.type === 'string' && typeof event.timestamp === 'string';
}
