import type { EventSource } from './event-message.ts';

/** An event as a writer hands it over; everything but `type` and `data` has a default. */
export interface NewEvent<T = unknown> {
  /** 1–8 tokens of `[A-Za-z0-9_-]` joined by dots, at most 200 bytes; `annals.` is reserved. */
  readonly type: string;
  /** Any JSON value; `undefined`, functions, symbols, bigint and cycles are refused. */
  readonly data: T;
  /** A ULID is made unless given. Given ids make a repeated append idempotent. At most 128 bytes. */
  readonly messageId?: string | undefined;
  /** ISO 8601 with `Z` or an offset (turned into UTC); now unless given. */
  readonly timestamp?: string | undefined;
  /** From 1 (the default). */
  readonly schemaVersion?: number | undefined;
  /** Defaults to the message id of the first event of the append. */
  readonly correlationId?: string | undefined;
  readonly causationId?: string | undefined;
  readonly userId?: string | undefined;
  readonly source?: EventSource | undefined;
  readonly tags?: readonly string[] | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}
