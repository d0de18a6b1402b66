import type {
  ActiveSubscription,
  AggregateEvents,
  AppendResult,
  EventHandler,
  EventMessage,
  RecordedEvent,
  ReplayJob,
  ReplayJobs,
  ReplayPage,
} from '@annals/core';
import type { DomainEventPublisher } from '../publish/domain-event-publisher.ts';
import type { EventToPublish, PublishAllOptions, PublishOptions } from '../publish/event-to-publish.ts';
import type {
  AfterSnapshot,
  AggregateReadOptions,
  EventReplayOptions,
  LogReadOptions,
  Moment,
  TenantOption,
} from '../read/replay-options.ts';
import type { EventMigration } from '../registry/event-migration.ts';
import type { ReplayStart } from '../replay/replay-start.ts';
import type { AggregateSnapshots } from '../snapshot/aggregate-snapshots.ts';
import type { EventPatterns, SubscribeOptions } from '../subscribe/subscribe-options.ts';
import type { ReconstructedState, ReconstructOptions, StateReducer } from '../state/reconstruct-state.ts';

/**
 * What a service does with events. Inject it by the token `'EventsService'`, or inject the class `EventsService`.
 *
 * Every method works in one tenant: the one in its last argument, else inside a handler the handled event's, else the
 * module's default. Every failure is an
 * `AnnalsError` with a stable `code`; `StoreUnavailable` means that the server cannot be reached now. Arrays hold at
 * most 10,000 events; beyond that a method rejects with `ResultTooLarge`, which names the `iterate…` method to use.
 * The type parameter `T` is what the caller says of `data`; it is not checked.
 */
export interface IEventsService extends DomainEventPublisher, AggregateSnapshots {
  /**
   * Publishes one event; when the promise resolves it is stored.
   *
   * @param type event type, like `user.created`
   * @param data any JSON value
   * @param options the aggregate (`aggregateId` and `aggregateType`), what its head must be (`expectedVersion`, or
   *   `version` as the version that this event is to have), `idempotencyKey`, `userId`, `metadata` and the rest of the
   *   envelope
   * @returns the event's id, version and position; `repeated` when an earlier attempt had already stored it
   * @throws ValidationError, PayloadTooLarge before anything is sent
   * @throws ConcurrencyError when the aggregate's head is not as expected: load, decide anew, publish again
   * @throws IdempotencyKeyReused when the key was used for another event
   * @throws Overloaded, StoreUnavailable when nothing was stored; AppendOutcomeUnknown when it may have been
   * @throws StoreClosed after shutdown
   */
  publishEvent<T>(type: string, data: T, options?: PublishOptions): Promise<AppendResult>;

  /**
   * Publishes events of one or several aggregates, all or nothing, at most 1,000.
   *
   * Events of one aggregate keep their order and take consecutive versions, also where other aggregates' events stand
   * between them; in the log they then lie next to each other, at the place of the first (A1, B1, A2 is stored as A1,
   * A2, B1). Of several events of one aggregate the first one's `expectedVersion` counts.
   *
   * @returns the events in the order given, whatever their order in the log
   * @throws as {@link publishEvent}; BatchTooLarge above 1,000 events; CrossStreamAppend when the aggregate types live
   *   in different streams
   */
  publishEvents(events: readonly EventToPublish[], options?: PublishAllOptions): Promise<AppendResult>;

  /**
   * Says how data of an old schema version become those of a later one, on every way out of the store. Call it while the
   * application starts (`onModuleInit`): handlers wait until all migrations are there, and what is wrong with them (gaps,
   * loops, doubles) ends the start, all of it at once.
   *
   * @param from schema version, as a number or as `'v1'`
   * @throws ValidationError once the application has started
   * @example
   * events.registerMigration('RequirementApproved', 'v1', 'v2', (data) => ({ ...data, approverRole: data.approverRole ?? 'REVIEWER' }));
   */
  registerMigration<Data = Record<string, unknown>>(
    eventType: string,
    from: number | string,
    to: number | string,
    migration: EventMigration<Data>,
  ): void;

  /**
   * Hands events to a callback, until it is stopped or the application shuts down.
   *
   * Without a name: the events that are stored while this process runs, from the moment the promise is fulfilled. Every
   * process gets every event, one after the other in the order of a stream. What happens while no process runs is not
   * seen, and what the callback fails on is logged and left behind.
   *
   * With `{ name }`: a durable subscription. The store keeps its place under that name, so that nothing is missed;
   * processes of the same name share it; an event that fails is tried again (`maxDeliver`, `backoffMs`) and is a dead
   * letter in the end. One that is made anew begins with the oldest stored event unless `from` says otherwise. At least
   * once: callbacks are idempotent.
   *
   * A module with a `tenantId` gets the events of that tenant, one without those of all, unless `filter.tenantId` names
   * one. What the callback publishes carries on the correlation of the event. On shutdown callbacks that run may finish
   * (`shutdownTimeoutMs`), before the store closes.
   *
   * @param patterns event types or patterns: `user.created`, `user.*` for one more token, `user.>` for one or more
   * @param callback gets the event and a context (attempt, signal, `extend()`, `retry()`, `deadLetter()`)
   * @returns the subscription: its state, what it counted, `finished`, `stop()`
   * @throws ValidationError, SubscriptionConflict, StoreUnavailable, StoreClosed
   */
  subscribeToEvents<T = unknown>(callback: EventHandler<T>, options?: SubscribeOptions): Promise<ActiveSubscription>;
  subscribeToEvents<T = unknown>(
    patterns: EventPatterns,
    callback: EventHandler<T>,
    options?: SubscribeOptions,
  ): Promise<ActiveSubscription>;
  subscribeToEvents<T = unknown>(options: SubscribeOptions, callback: EventHandler<T>): Promise<ActiveSubscription>;

  /**
   * An aggregate's events in version order; empty for an unknown aggregate.
   *
   * Where retention took the oldest ones, the list begins at a version above 1. With `afterSnapshot` it holds what came
   * behind the snapshot that {@link getSnapshot} gives.
   * @throws ValidationError, ResultTooLarge, CorruptAggregate, CorruptEvent, StoreUnavailable
   */
  getEventsForAggregate<T = unknown>(
    aggregateId: string,
    aggregateType: string,
    options?: AggregateReadOptions & AfterSnapshot,
  ): Promise<RecordedEvent<T>[]>;

  /**
   * An aggregate's events with versions above `version` (0: all of them), in version order.
   *
   * @throws as {@link getEventsForAggregate}
   */
  getEventsAfter<T = unknown>(
    aggregateId: string,
    aggregateType: string,
    version: number,
    options?: Omit<AggregateReadOptions, 'fromVersion'>,
  ): Promise<RecordedEvent<T>[]>;

  /**
   * As {@link getEventsForAggregate}, for any number of events: they are read while they are consumed. The result also
   * tells `retainedFromVersion`.
   *
   * @throws while iterating, as {@link getEventsForAggregate} but for ResultTooLarge
   */
  iterateEventsForAggregate(
    aggregateId: string,
    aggregateType: string,
    options?: AggregateReadOptions,
  ): AggregateEvents;

  /**
   * Events of one type or of a pattern (`user.*` for one more token, `user.>` for one or more), as they were stored.
   *
   * @throws FeatureDisabled (`enableEventReplay`), ValidationError, ResultTooLarge, CorruptEvent, StoreUnavailable
   */
  getEventsByType<T = unknown>(type: string, options?: LogReadOptions): Promise<RecordedEvent<T>[]>;

  /**
   * Events of all aggregates of a type, as they were stored.
   *
   * @throws as {@link getEventsByType}
   */
  getEventsByAggregateType<T = unknown>(aggregateType: string, options?: LogReadOptions): Promise<RecordedEvent<T>[]>;

  /**
   * Events that happened at or after a moment by their own `timestamp`, as they were stored.
   *
   * An event may be stored later than it happened; to take up where an earlier read ended use `after` with its last
   * position, which misses nothing.
   * @throws as {@link getEventsByType}
   */
  getEventsSince<T = unknown>(
    timestamp: Moment,
    options?: Omit<LogReadOptions, 'fromTimestamp'>,
  ): Promise<RecordedEvent<T>[]>;

  /**
   * Stored events by criteria, as they were stored; an aggregate's are in version order.
   *
   * @throws as {@link getEventsByType}
   */
  replayEvents<T = unknown>(options?: EventReplayOptions): Promise<RecordedEvent<T>[]>;

  /**
   * As {@link replayEvents}, for any number of events, in bounded memory: those stored when the read begins.
   *
   * @throws FeatureDisabled, ValidationError at the call; CorruptEvent, StoreUnavailable while iterating
   */
  iterateEvents<T = unknown>(options?: EventReplayOptions): AsyncIterable<RecordedEvent<T>>;

  /**
   * The audit log: what happened to an aggregate; without a type to all aggregates of that id; without an id to all of
   * that type; without both in the whole tenant.
   *
   * @throws FeatureDisabled (`enableAuditLog`), else as {@link getEventsByType}
   */
  getEventHistory<T = unknown>(
    aggregateId?: string,
    aggregateType?: string,
    options?: LogReadOptions,
  ): Promise<RecordedEvent<T>[]>;

  /**
   * As {@link getEventHistory}, for any number of events, in bounded memory.
   *
   * @throws FeatureDisabled, ValidationError at the call; CorruptEvent, StoreUnavailable while iterating
   */
  iterateEventHistory<T = unknown>(
    aggregateId?: string,
    aggregateType?: string,
    options?: LogReadOptions,
  ): AsyncIterable<RecordedEvent<T>>;

  /**
   * An aggregate's state, folded from its events; the initial one for an unknown aggregate.
   *
   * @param reducer returns the next state; must change neither the given state nor the event, nor return a promise
   * @param options `atVersion` or `asOf` for an earlier state
   * @throws FeatureDisabled (`enableStateReconstruction`), ValidationError, StoreUnavailable, CorruptAggregate
   * @throws ReducerFailed when the reducer throws or returns a promise; it names event, version and position
   * @throws HistoryIncomplete when retention took the oldest events, unless `allowIncomplete` is given
   */
  reconstructState<State, Event extends EventMessage = RecordedEvent>(
    aggregateId: string,
    aggregateType: string,
    initialState: State,
    reducer: StateReducer<State, Event>,
    options?: ReconstructOptions,
  ): Promise<State>;

  /**
   * As {@link reconstructState}, with the version that the state stands at: the `expectedVersion` of what is decided
   * upon it.
   *
   * @throws as {@link reconstructState}
   */
  reconstructStateWithVersion<State, Event extends EventMessage = RecordedEvent>(
    aggregateId: string,
    aggregateType: string,
    initialState: State,
    reducer: StateReducer<State, Event>,
    options?: ReconstructOptions,
  ): Promise<ReconstructedState<State>>;

  /**
   * True when the aggregate has an event.
   *
   * @throws ValidationError, StoreUnavailable
   */
  exists(aggregateId: string, aggregateType: string, options?: TenantOption): Promise<boolean>;

  /**
   * The version of the aggregate's newest event; 0 when it has none.
   *
   * @throws ValidationError, StoreUnavailable
   */
  getCurrentVersion(aggregateId: string, aggregateType: string, options?: TenantOption): Promise<number>;

  /**
   * Hands stored events over again: to subscriptions, a subject, a webhook or a file. The job is durable when this
   * resolves; a process that drives replays (option `replays`, or the gateway) does the work.
   *
   * @param request `target`, and which events (`filter`), how fast (`ratePerSecond`), or only to see which (`dryRun`)
   * @throws FeatureDisabled (`enableEventReplay`), ValidationError, ReplayTargetRefused, SubscriptionNotFound,
   *   IdempotencyKeyReused, StoreUnavailable
   */
  startReplay(request: ReplayStart): Promise<ReplayJob>;

  /**
   * A replay and how far it is; `replaySummary` says it in few words.
   *
   * @throws ReplayNotFound, StoreUnavailable
   */
  getReplay(id: string): Promise<ReplayJob>;

  /**
   * Replays of all tenants, newest first, page by page.
   *
   * @throws ValidationError, StoreUnavailable
   */
  listReplays(options?: Parameters<ReplayJobs['list']>[0]): Promise<ReplayPage>;

  /**
   * Stops a replay behind the batch in hand, until it is resumed.
   *
   * @throws ReplayNotFound, ReplayFinished, StoreUnavailable
   */
  pauseReplay(id: string): Promise<ReplayJob>;

  /** @throws ReplayNotFound, ReplayFinished, StoreUnavailable */
  resumeReplay(id: string): Promise<ReplayJob>;

  /**
   * Ends a replay behind the batch in hand; what was handed over stays.
   *
   * @throws ReplayNotFound, ReplayFinished, StoreUnavailable
   */
  cancelReplay(id: string): Promise<ReplayJob>;
}
