import type { AggregateRef, ResolvedAggregateRef } from '../event/aggregate-ref.ts';
import type { Position } from '../event/event-message.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { TraceContext } from '../event/trace-context.ts';
import type { ExpectedVersion } from './expected-version.ts';

/** What `append` takes beside the events. */
export interface AppendOptions extends AppendAllOptions {
  /** `'any'` unless given. */
  readonly expectedVersion?: ExpectedVersion | undefined;
}

/** What `appendAll` takes beside its parts. */
export interface AppendAllOptions {
  /** Makes a repetition within the key's lifetime answer with the first result. 1–200 bytes once encoded. */
  readonly idempotencyKey?: string | undefined;
  readonly traceContext?: TraceContext | undefined;
}

/** The events of one aggregate in an atomic append over several, or events without aggregate. */
export interface AppendPart {
  /** Absent: the events belong to no aggregate and have no version. */
  readonly aggregate?: AggregateRef | undefined;
  /** Tenant of events without aggregate; must agree with `aggregate.tenantId` where both are given. */
  readonly tenantId?: string | undefined;
  /**
   * At least one; all of a call together at most 1,000, or 999 with an idempotency key, or where ids given by the writer
   * serve as one (see the guide on publishing): the key's marker is a message of the same batch.
   */
  readonly events: readonly NewEvent[];
  /** `'any'` unless given; must be absent without aggregate. */
  readonly expectedVersion?: ExpectedVersion | undefined;
}

/** One appended event. */
export interface AppendedEvent {
  readonly messageId: string;
  readonly type: string;
  readonly tenantId: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  readonly version?: number;
  readonly position: Position;
}

/** An aggregate's newest event. */
export interface AggregateHead {
  readonly aggregate: ResolvedAggregateRef;
  /** From 1. */
  readonly version: number;
  readonly position: Position;
}

/** What became of an append. */
export interface AppendResult {
  /** In the order given. */
  readonly events: readonly AppendedEvent[];
  /** The heads as of this append, one per aggregate in the order of their first mention. */
  readonly heads: readonly AggregateHead[];
  /** True when an earlier attempt had landed, and this is its result. */
  readonly repeated: boolean;
}
