import {
  type EventMessage,
  type PreparedEvent,
  type RecordedEvent,
  type TraceContext,
  PayloadTooLarge,
  ValidationError,
} from '@annals/core';

/** One event of the log. */
export interface StoredEvent {
  readonly sequence: number;
  /** What a reader gets; never handed out, so that no caller can change what is stored. */
  readonly event: RecordedEvent;
  /** The envelope as JSON. */
  readonly json: string;
}

/** An event's JSON without its version, which the commit decides. */
export interface EncodedEvent {
  readonly event: PreparedEvent;
  readonly json: string;
}

/**
 * @param path of the event in the caller's input
 * @param index of the event in the append, from 0
 * @throws ValidationError when it is not JSON; PayloadTooLarge
 */
export function encodeEvent(event: PreparedEvent, path: string, index: number, limitBytes: number): EncodedEvent {
  let json: string;
  try {
    json = JSON.stringify(event);
  } catch (cause) {
    const [reason] = (cause as Error).message.split('\n');
    throw new ValidationError([{ path: `${path}.data`, message: `must be JSON: ${reason}` }]);
  }
  const bytes = Buffer.byteLength(json);
  if (bytes > limitBytes) throw new PayloadTooLarge(limitBytes, bytes, index);
  return { event, json };
}

/** What the log knows of an event beside its envelope. */
interface Place {
  readonly stream: string;
  readonly sequence: number;
  readonly recordedAt: string;
  readonly traceContext?: TraceContext | undefined;
}

/** Puts an event at its place in the log. */
export function storeEvent(encoded: EncodedEvent, version: number | undefined, place: Place): StoredEvent {
  const json = version === undefined ? encoded.json : `${encoded.json.slice(0, -1)},"version":${version}}`;
  return { sequence: place.sequence, json, event: decode(json, place) };
}

/** A copy of the event that is the caller's own. */
export function copyOf({ json, event }: StoredEvent): RecordedEvent {
  const { position, recordedAt, traceContext } = event;
  return decode(json, { ...position, recordedAt, traceContext });
}

function decode(json: string, { stream, sequence, recordedAt, traceContext }: Place): RecordedEvent {
  return {
    ...(JSON.parse(json) as EventMessage),
    position: { stream, sequence },
    recordedAt,
    ...(traceContext && { traceContext: { ...traceContext } }),
  };
}
