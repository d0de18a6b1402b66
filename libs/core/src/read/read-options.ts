import type { Position, RecordedEvent } from '../event/event-message.ts';

/** Which way to read. */
export type Direction = 'forwards' | 'backwards';

/** Which of an aggregate's events to read, and how. */
export interface ReadAggregateOptions {
  /** First version wanted, from 1; 1 unless given. */
  readonly fromVersion?: number | undefined;
  /** Last version wanted, inclusive; the head unless given. */
  readonly toVersion?: number | undefined;
  /** `'forwards'` unless given: ascending versions. */
  readonly direction?: Direction | undefined;
  /** At most this many events; all unless given. */
  readonly limit?: number | undefined;
  /** Ends the read with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** An aggregate's events in version order, read while they are consumed. */
export interface AggregateEvents extends AsyncIterable<RecordedEvent> {
  /**
   * The oldest version still stored, when retention took older ones; undefined when it took none.
   * Known once the first event was delivered or the iteration ended.
   */
  readonly retainedFromVersion: number | undefined;
  /**
   * The first and the last stored event that was read so far, where what is delivered are not the stored events themselves:
   * a migration may make none of one.
   */
  readonly stored?: { readonly first: RecordedEvent | undefined; readonly last: RecordedEvent | undefined };
}

/** An aggregate that was read whole. */
export interface LoadedAggregate {
  /** The head's version; 0 when the aggregate has no event. */
  readonly version: number;
  readonly events: readonly RecordedEvent[];
  readonly retainedFromVersion?: number;
}

/** Which events of the store are meant; absent fields match all. */
export interface EventFilter {
  /** All tenants unless given. */
  readonly tenantId?: string | undefined;
  readonly aggregateType?: string | undefined;
  /** With or without a type: ids of all types match without. */
  readonly aggregateId?: string | undefined;
  /** Exact types, any of them; or patterns where a token is `*` (one token) or the last is `>` (one or more). At most 100. */
  readonly eventTypes?: readonly string[] | undefined;
  /** The event's own `timestamp`, inclusive. */
  readonly fromTimestamp?: string | undefined;
  readonly toTimestamp?: string | undefined;
  /** When the store took it, inclusive. */
  readonly recordedFrom?: string | undefined;
  readonly recordedTo?: string | undefined;
  /** Versions in their aggregates, inclusive; events without aggregate never match a version range. */
  readonly fromVersion?: number | undefined;
  readonly toVersion?: number | undefined;
}

/** Which events of the store to read, and how. */
export interface ReadAllOptions extends EventFilter {
  /** Begin after these positions (backwards: before them), one per stream; a stream that is not named is read whole. */
  readonly after?: readonly Position[] | undefined;
  /** `'forwards'` unless given: ascending positions; several streams merge by recorded time. */
  readonly direction?: Direction | undefined;
  /** At most this many events; all that are stored when the read begins unless given. */
  readonly limit?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}
