import type { EventSourceBody } from '../event/event-body.ts';

/** What a writer believes of an aggregate's head. */
export type ExpectedVersionBody = number | 'any' | 'none' | 'exists';

/** An event as it is posted; `type` and `data` are required. */
export interface NewEventBody<T = unknown> {
  /** 1–8 tokens of `[A-Za-z0-9_-]` joined by dots. */
  readonly type: string;
  /** Any JSON value. */
  readonly data: T;
  /** With `aggregateType`, or neither of them. */
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  /** Of several events of one aggregate the first one's counts. `"any"` unless given. */
  readonly expectedVersion?: ExpectedVersionBody;
  /** The version that the event is to get: `n` means that `n - 1` is expected. */
  readonly version?: number;
  /** A ULID is made unless given. Given ids make a repeated append safe. */
  readonly messageId?: string;
  /** ISO 8601 with `Z` or an offset; now unless given. */
  readonly timestamp?: string;
  /** `"default"` unless given, here or in the query. */
  readonly tenantId?: string;
  /** `2` or `"v2"`; 1 unless given. */
  readonly schemaVersion?: number | string;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly userId?: string;
  readonly source?: EventSourceBody;
  readonly tags?: readonly string[];
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** The body of `POST /events`: one event, or several that are stored all or none. */
export type AppendRequest = NewEventBody | { readonly events: readonly NewEventBody[] };
