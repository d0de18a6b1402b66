import type { AppendAllOptions, AppendOptions, AppendPart, AppendResult, AggregateHead } from '../append/append.ts';
import type { AggregateRef } from '../event/aggregate-ref.ts';
import type { Position } from '../event/event-message.ts';
import type { NewEvent } from '../event/new-event.ts';
import type {
  AggregateEvents,
  EventFilter,
  LoadedAggregate,
  ReadAggregateOptions,
  ReadAllOptions,
} from '../read/read-options.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import type { DeadLetters } from '../dead-letter/dead-letters.ts';
import type { FollowOptions } from '../live/follow-options.ts';
import type { ReplayJobs } from '../replay/replay-jobs.ts';
import type { Processes } from '../process/processes.ts';
import type { Projections } from '../projection/projections.ts';
import type { Snapshots } from '../snapshot/snapshot.ts';
import type { Subscriptions } from '../subscribe/subscriptions.ts';
import type { EventStats } from '../stats/event-stats.ts';
import type { StoreStatus } from './store-status.ts';

/**
 * The store of events: what every implementation owes its callers.
 *
 * Guarantees an implementer must keep, tested by the contract suite in `@annals/testing`:
 * - versions of an aggregate are 1…n without gaps, whoever writes, and exactly one writer wins a version;
 * - an append is all or nothing, also over several aggregates, and lands at most once;
 * - what was acknowledged is found by every later read of the same process;
 * - validation happens inside: no caller can skip it, and a refused append has sent nothing;
 * - every failure is an `AnnalsError`.
 */
export interface EventStore {
  /**
   * Appends events to one aggregate, all or nothing.
   *
   * @param aggregate the aggregate; its tenant is `'default'` unless given
   * @param events one event or several, at most 1,000
   * @param options `expectedVersion` (`'any'` unless given), `idempotencyKey`, `traceContext`
   * @throws ValidationError, PayloadTooLarge, BatchTooLarge before anything is sent
   * @throws ConcurrencyError when the head is not as expected
   * @throws IdempotencyKeyReused when the key was used for other events
   * @throws Overloaded, StoreUnavailable when nothing was written; AppendOutcomeUnknown when it may have been
   */
  append(
    aggregate: AggregateRef,
    events: NewEvent | readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult>;

  /**
   * Appends to several aggregates, and events without aggregate, all or nothing within one stream.
   *
   * @throws as {@link append}, and CrossStreamAppend
   */
  appendAll(parts: readonly AppendPart[], options?: AppendAllOptions): Promise<AppendResult>;

  /**
   * An aggregate's events in version order, in bounded memory; empty for an unknown aggregate.
   *
   * Events appended after the read began may or may not be seen; of one append all or none up to the end that was found.
   * @throws ValidationError, CorruptAggregate, CorruptEvent, StoreUnavailable while iterating
   */
  readAggregate(aggregate: AggregateRef, options?: ReadAggregateOptions): AggregateEvents;

  /** The aggregate's events with a timestamp at or before `timestamp` (ISO 8601), in version order. */
  readAt(aggregate: AggregateRef, timestamp: string, options?: { signal?: AbortSignal }): AggregateEvents;

  /**
   * The whole aggregate at once, through a bounded cache that costs one small request when nothing is new.
   *
   * @param options `cache: false` reads everything anew
   * @returns what callers share and may be frozen: take a copy of an event to change it
   * @throws ResultTooLarge above 10,000 events unless `maxEvents` says otherwise
   */
  load(
    aggregate: AggregateRef,
    options?: { readonly cache?: boolean; readonly maxEvents?: number },
  ): Promise<LoadedAggregate>;

  /** The aggregate's newest event as the leader knows it, or undefined. */
  head(aggregate: AggregateRef): Promise<AggregateHead | undefined>;

  /** True when the aggregate has an event. */
  exists(aggregate: AggregateRef): Promise<boolean>;

  /** The head's version; 0 when the aggregate has no event. */
  currentVersion(aggregate: AggregateRef): Promise<number>;

  /** The types under which the tenant has an aggregate of this id, sorted; empty when there is none. */
  aggregateTypesOf(aggregateId: string, tenantId?: string): Promise<readonly string[]>;

  /**
   * Events of the whole store in position order, those stored when the read begins, in bounded memory.
   *
   * @throws ValidationError, CorruptEvent, StoreUnavailable while iterating
   */
  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent>;

  /**
   * Events as they are stored, first those that are there from `options.from` on, then each new one soon after it was
   * acknowledged, until the consumer leaves or the signal is aborted. Within a stream in position order and without gaps;
   * several streams side by side, in no order between them. In bounded memory: who takes slowly is behind, nothing is
   * dropped. Lost connections and restarts of the server are overcome.
   *
   * @throws ValidationError, CorruptEvent, StoreUnavailable, StoreClosed while iterating
   */
  follow(filter?: EventFilter, options?: FollowOptions): AsyncIterable<RecordedEvent>;

  /** Durable subscriptions. */
  readonly subscriptions: Subscriptions;

  /** Events that subscriptions gave up on. */
  readonly deadLetters: DeadLetters;

  /** States of aggregates that need not be folded from the first event. */
  readonly snapshots: Snapshots;

  /** Stored events handed over again. */
  readonly replays: ReplayJobs;

  /** Read models that follow the log. */
  readonly projections: Projections;

  /** What goes on over several aggregates. */
  readonly processes: Processes;

  /** How many stored events match; `after` leaves out those up to these positions, as in {@link readAll}. */
  count(filter?: EventFilter & Pick<ReadAllOptions, 'after'>): Promise<number>;

  /** When the store took the events at these positions, in the same order; undefined for one that is not stored. */
  recordedAt(positions: readonly Position[]): Promise<readonly (string | undefined)[]>;

  /** Exact counts that include every append acknowledged before the call; of one tenant when it is named. */
  stats(options?: { readonly tenantId?: string }): Promise<EventStats>;

  /** Whether the store can be used now, and what is known of its server and streams. Never throws. */
  status(): Promise<StoreStatus>;

  /**
   * Stops subscriptions and projections, waits for what is in hand, then lets go of the server. Handlers that run may use the
   * store until they are done; all other calls throw StoreClosed. Calling it twice is harmless.
   */
  close(): Promise<void>;
}
