import { Inject, Injectable } from '@nestjs/common';
import {
  type ActiveSubscription,
  type AggregateEvents,
  type AppendResult,
  type DeclarativeMigration,
  type EventHandler,
  type EventMessage,
  EventRegistry,
  type EventStore,
  type MigrateData,
  type ReadAllOptions,
  type RecordedEvent,
  type ReplayJob,
  type ReplayJobs,
  type ReplayPage,
  ValidationError,
} from '@annals/core';
import type { ServiceOptions } from '../options/service-options.ts';
import {
  type DomainEventLike,
  type PublishTo,
  publishAllOptions,
  toEventsToPublish,
} from '../publish/domain-events.ts';
import type {
  EventToPublish,
  PublishAllOptions,
  PublishDefaults,
  PublishOptions,
} from '../publish/event-to-publish.ts';
import { publishAll, publishOne } from '../publish/publish-events.ts';
import { collectEvents, readLimit } from '../read/collect-events.ts';
import {
  type AfterSnapshot,
  type AggregateReadOptions,
  type EventReplayOptions,
  type LogReadOptions,
  type Moment,
  type TenantOption,
  toReadAllOptions,
} from '../read/replay-options.ts';
import type { EventMigration } from '../registry/event-migration.ts';
import { StartingRegistry } from '../registry/starting-registry.ts';
import { selectEvents } from '../read/select-events.ts';
import { type ReplayStart, toReplayRequest } from '../replay/replay-start.ts';
import { SnapshotService } from '../snapshot/snapshot.service.ts';
import {
  type ReconstructedState,
  type ReconstructOptions,
  type StateReducer,
  reconstructState,
} from '../state/reconstruct-state.ts';
import { RunningSubscriptions, runningSubscriptions } from '../subscribe/running-subscriptions.ts';
import {
  type EventPatterns,
  type SubscribeArguments,
  type SubscribeOptions,
  readSubscribeArguments,
} from '../subscribe/subscribe-options.ts';
import type { IEventsService } from './events-service.interface.ts';
import { EVENT_STORE, SERVICE_OPTIONS } from './tokens.ts';

/** Publishes and reads events in Nest services; see {@link IEventsService} for what each method promises. */
@Injectable()
export class EventsService extends SnapshotService implements IEventsService {
  constructor(
    @Inject(EVENT_STORE) store: EventStore,
    @Inject(SERVICE_OPTIONS) options: ServiceOptions,
    @Inject(RunningSubscriptions)
    private readonly running: RunningSubscriptions = runningSubscriptions(store, options),
    @Inject(StartingRegistry) private readonly starting: StartingRegistry = new StartingRegistry(sealedRegistry),
  ) {
    super(store, options);
  }

  async publishEvent<T>(type: string, data: T, options: PublishOptions = {}): Promise<AppendResult> {
    for (const field of ['type', 'data'] as const) {
      if (Object.hasOwn(options, field)) throw wrongPlace(field);
    }
    const { idempotencyKey, traceContext, ...event } = options;
    return publishOne(this.store, { ...event, type, data }, { idempotencyKey, traceContext }, this.defaults({}));
  }

  async publishEvents(events: readonly EventToPublish[], options: PublishAllOptions = {}): Promise<AppendResult> {
    const { tenantId, ...appendOptions } = options;
    return publishAll(this.store, events, appendOptions, this.defaults({ tenantId }));
  }

  async publish(event: DomainEventLike, to: PublishTo = {}): Promise<AppendResult> {
    return this.publishAll([event], to);
  }

  async publishAll(events: readonly DomainEventLike[], to: PublishTo = {}): Promise<AppendResult> {
    const list = toEventsToPublish(events);
    // An aggregate that raised nothing has nothing to publish.
    if (list.length === 0) return { events: [], heads: [], repeated: false };
    return this.publishEvents(list, publishAllOptions(to));
  }

  registerMigration<Data = Record<string, unknown>>(
    eventType: string,
    from: number | string,
    to: number | string,
    migration: EventMigration<Data>,
  ): void {
    this.starting.registerMigration(eventType, from, to, migration as MigrateData | DeclarativeMigration);
  }

  subscribeToEvents<T = unknown>(callback: EventHandler<T>, options?: SubscribeOptions): Promise<ActiveSubscription>;
  subscribeToEvents<T = unknown>(
    patterns: EventPatterns,
    callback: EventHandler<T>,
    options?: SubscribeOptions,
  ): Promise<ActiveSubscription>;
  subscribeToEvents<T = unknown>(options: SubscribeOptions, callback: EventHandler<T>): Promise<ActiveSubscription>;
  async subscribeToEvents(...args: SubscribeArguments): Promise<ActiveSubscription> {
    const { handler, durable, live } = readSubscribeArguments(args, this.options.ownTenantId);
    return durable ? this.running.subscribe(durable, handler) : this.running.follow(live, handler);
  }

  async getEventsForAggregate<T = unknown>(
    aggregateId: string,
    aggregateType: string,
    { afterSnapshot = false, ...options }: AggregateReadOptions & AfterSnapshot = {},
  ): Promise<RecordedEvent<T>[]> {
    if (afterSnapshot) {
      if (options.fromVersion !== undefined) throw beside('afterSnapshot', 'fromVersion');
      const snapshot = await this.getSnapshot(aggregateId, aggregateType, options);
      if (snapshot) return this.getEventsAfter<T>(aggregateId, aggregateType, snapshot.version, options);
    }
    const range = { ...options, limit: readLimit(options.limit) };
    return collectEvents<T>(
      this.iterateEventsForAggregate(aggregateId, aggregateType, range),
      'iterateEventsForAggregate(aggregateId, aggregateType, options)',
    );
  }

  async getEventsAfter<T = unknown>(
    aggregateId: string,
    aggregateType: string,
    version: number,
    options: Omit<AggregateReadOptions, 'fromVersion'> = {},
  ): Promise<RecordedEvent<T>[]> {
    if (!Number.isSafeInteger(version) || version < 0) {
      throw new ValidationError([{ path: 'version', message: 'must be a whole number from 0 to 2^53-1' }]);
    }
    // A range that ends at or before `version` holds nothing; as a range it would be upside down.
    if (options.toVersion !== undefined && options.toVersion <= version) return [];
    return this.getEventsForAggregate<T>(aggregateId, aggregateType, { ...options, fromVersion: version + 1 });
  }

  iterateEventsForAggregate(
    aggregateId: string,
    aggregateType: string,
    options: AggregateReadOptions = {},
  ): AggregateEvents {
    const { tenantId, ...range } = options;
    return this.store.readAggregate(this.aggregate(aggregateId, aggregateType, { tenantId }), range);
  }

  async getEventsByType<T = unknown>(type: string, options: LogReadOptions = {}): Promise<RecordedEvent<T>[]> {
    this.require('enableEventReplay', 'getEventsByType');
    return this.collect<T>({ ...options, eventTypes: [type] }, 'iterateEvents({ eventTypes: [type] })');
  }

  async getEventsByAggregateType<T = unknown>(
    aggregateType: string,
    options: LogReadOptions = {},
  ): Promise<RecordedEvent<T>[]> {
    this.require('enableEventReplay', 'getEventsByAggregateType');
    return this.collect<T>({ ...options, aggregateType }, 'iterateEvents({ aggregateType })');
  }

  async getEventsSince<T = unknown>(
    timestamp: Moment,
    options: Omit<LogReadOptions, 'fromTimestamp'> = {},
  ): Promise<RecordedEvent<T>[]> {
    this.require('enableEventReplay', 'getEventsSince');
    return this.collect<T>({ ...options, fromTimestamp: timestamp }, 'iterateEvents({ fromTimestamp })');
  }

  async replayEvents<T = unknown>(options: EventReplayOptions = {}): Promise<RecordedEvent<T>[]> {
    this.require('enableEventReplay', 'replayEvents');
    return this.collect<T>(options, 'iterateEvents(options)');
  }

  iterateEvents<T = unknown>(options: EventReplayOptions = {}): AsyncIterable<RecordedEvent<T>> {
    this.require('enableEventReplay', 'iterateEvents');
    return this.select<T>(toReadAllOptions(options, this.tenantOf({})));
  }

  async getEventHistory<T = unknown>(
    aggregateId?: string,
    aggregateType?: string,
    options: LogReadOptions = {},
  ): Promise<RecordedEvent<T>[]> {
    this.require('enableAuditLog', 'getEventHistory');
    return this.collect<T>(
      { ...options, aggregateId, aggregateType },
      'iterateEventHistory(aggregateId, aggregateType, options)',
    );
  }

  iterateEventHistory<T = unknown>(
    aggregateId?: string,
    aggregateType?: string,
    options: LogReadOptions = {},
  ): AsyncIterable<RecordedEvent<T>> {
    this.require('enableAuditLog', 'iterateEventHistory');
    return this.select<T>(toReadAllOptions({ ...options, aggregateId, aggregateType }, this.tenantOf({})));
  }

  async reconstructState<State, Event extends EventMessage = RecordedEvent>(
    aggregateId: string,
    aggregateType: string,
    initialState: State,
    reducer: StateReducer<State, Event>,
    options: ReconstructOptions = {},
  ): Promise<State> {
    this.require('enableStateReconstruction', 'reconstructState');
    const aggregate = this.aggregate(aggregateId, aggregateType, options);
    return (await reconstructState(this.store, aggregate, initialState, reducer, options)).state;
  }

  async reconstructStateWithVersion<State, Event extends EventMessage = RecordedEvent>(
    aggregateId: string,
    aggregateType: string,
    initialState: State,
    reducer: StateReducer<State, Event>,
    options: ReconstructOptions = {},
  ): Promise<ReconstructedState<State>> {
    this.require('enableStateReconstruction', 'reconstructStateWithVersion');
    const aggregate = this.aggregate(aggregateId, aggregateType, options);
    return reconstructState(this.store, aggregate, initialState, reducer, options);
  }

  async exists(aggregateId: string, aggregateType: string, options: TenantOption = {}): Promise<boolean> {
    return this.store.exists(this.aggregate(aggregateId, aggregateType, options));
  }

  async getCurrentVersion(aggregateId: string, aggregateType: string, options: TenantOption = {}): Promise<number> {
    return this.store.currentVersion(this.aggregate(aggregateId, aggregateType, options));
  }

  async startReplay(request: ReplayStart): Promise<ReplayJob> {
    this.require('enableEventReplay', 'startReplay');
    return this.store.replays.start(toReplayRequest(request, this.tenantOf({})));
  }

  async getReplay(id: string): Promise<ReplayJob> {
    return this.store.replays.get(id);
  }

  async listReplays(options?: Parameters<ReplayJobs['list']>[0]): Promise<ReplayPage> {
    return this.store.replays.list(options);
  }

  async pauseReplay(id: string): Promise<ReplayJob> {
    return this.store.replays.pause(id);
  }

  async resumeReplay(id: string): Promise<ReplayJob> {
    return this.store.replays.resume(id);
  }

  async cancelReplay(id: string): Promise<ReplayJob> {
    return this.store.replays.cancel(id);
  }

  private collect<T>(options: EventReplayOptions, instead: string): Promise<RecordedEvent<T>[]> {
    const checked = toReadAllOptions(options, this.tenantOf({}));
    return collectEvents<T>(this.select({ ...checked, limit: readLimit(checked.limit) }), instead);
  }

  private select<T>(options: ReadAllOptions): AsyncIterable<RecordedEvent<T>> {
    return selectEvents(this.store, options) as AsyncIterable<RecordedEvent<T>>;
  }

  private defaults(options: TenantOption): PublishDefaults {
    return { tenantId: this.tenantOf(options), source: this.options.source };
  }
}

/** Of a service without a module, whose store was made elsewhere. */
const sealedRegistry = new EventRegistry().seal();

function beside(field: string, other: string): ValidationError {
  return new ValidationError([{ path: field, message: `must not be given together with ${other}` }]);
}

function wrongPlace(field: 'type' | 'data'): ValidationError {
  const place = field === 'type' ? 'first' : 'second';
  return new ValidationError([
    { path: field, message: `is the ${place} argument, it must not be among the options too` },
  ]);
}
