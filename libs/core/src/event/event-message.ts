import type { TraceContext } from './trace-context.ts';

/** Where an event came from, as the writer tells it. */
export interface EventSource {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
}

/** The envelope of an event: what is stored, as JSON, in the body of one message. */
export interface EventMessage<T = unknown> {
  /** ULID unless the writer gave one of its own. */
  readonly messageId: string;
  /** Event type, for example `user.created`. */
  readonly type: string;
  readonly data: T;
  /** When it happened: ISO 8601 in UTC, digits kept as given. */
  readonly timestamp: string;
  readonly tenantId: string;
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  /** 1, 2, 3 … within the aggregate, without gaps; absent on an event without aggregate. */
  readonly version?: number;
  /** Schema version of `data`, from 1. */
  readonly schemaVersion: number;
  /** The chain of events that this one belongs to; the message id of the chain's first event unless given. */
  readonly correlationId?: string;
  /** The message id of the event that caused this one. */
  readonly causationId?: string;
  /** Who triggered it. */
  readonly userId?: string;
  readonly source?: EventSource;
  /** Other entities that the event concerns. */
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A place in the log: total order within one stream, none between streams. */
export interface Position {
  readonly stream: string;
  /** Stream sequence, from 1. */
  readonly sequence: number;
}

/** Which of the events it is that one stored event became by a migration. */
export interface EventPart {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** An event as it is read back: its envelope and what the store knows of it. */
export interface RecordedEvent<T = unknown> extends EventMessage<T> {
  readonly position: Position;
  /** When the store took it: ISO 8601 in UTC with up to nine digits of a second. */
  readonly recordedAt: string;
  /** Link of the aggregate's hash chain, base64url of 32 bytes. */
  readonly hash?: string;
  /** W3C trace context that the writer gave with the append. */
  readonly traceContext?: TraceContext;
  /** Present where a migration made several events of a stored one; they share version, position and message id. */
  readonly part?: EventPart;
}
