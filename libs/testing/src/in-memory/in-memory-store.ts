import {
  type AggregateEvents,
  type AggregateHead,
  type AggregateRef,
  type AppendAllOptions,
  type AppendOptions,
  type AppendPart,
  type AppendResult,
  type Clock,
  type DeadLetters,
  type EventFilter,
  type EventStats,
  type EventStore,
  type FollowOptions,
  type LoadedAggregate,
  type MessageIdSource,
  type NewEvent,
  type Position,
  type Processes,
  type Projections,
  type ReadAggregateOptions,
  type ReadAllOptions,
  type RecordedEvent,
  type ReplayJobs,
  type StoreStatus,
  type Snapshots,
  type Subscriptions,
  KeptProcesses,
  KeptProjections,
  ResultTooLarge,
  StoreClosed,
  ValidationError,
  appendContentHash,
  checkAggregate,
  checkFilter,
  checkReadAggregate,
  checkReadAll,
  checkTimestamp,
  compareTimestamps,
  prepareAppend,
  silentLogger,
  systemClock,
  ulidSource,
  withRegistry,
} from '@annals/core';
import { headOf } from './append-result.ts';
import { type CommitTarget, commitAppend } from './commit-append.ts';
import { countStats } from './count-stats.ts';
import { InMemoryDeadLetters } from './dead-letter/in-memory-dead-letters.ts';
import { LetterShelf } from './dead-letter/letter-shelf.ts';
import { EventLog } from './event-log.ts';
import { followLog } from './follow-log.ts';
import { IdempotencyMarkers } from './idempotency-markers.ts';
import { IN_MEMORY_DEFAULTS, type InMemoryStoreOptions } from './in-memory-store-options.ts';
import { InMemorySnapshots } from './in-memory-snapshots.ts';
import { deliver, selectEvents, selectVersions } from './read-events.ts';
import { type StoredEvent, copyOf } from './stored-event.ts';
import { createInMemoryDocuments } from './projection/in-memory-documents.ts';
import { InMemoryProjectionRecords } from './projection/in-memory-projection-records.ts';
import { InMemoryProcessRecords } from './process/in-memory-process-records.ts';
import { InMemoryReplays } from './replay/in-memory-replays.ts';
import { InMemoryTargets } from './replay/in-memory-targets.ts';
import { InMemorySubscriptions } from './subscribe/in-memory-subscriptions.ts';

/** `load` refuses longer aggregates unless told otherwise. */
const MAX_LOADED_EVENTS = 10_000;

/**
 * A store that keeps its events in this process: for tests of code that uses an `EventStore`.
 *
 * It behaves as the store on JetStream does (both pass `describeEventStore`), but keeps nothing and has one stream.
 *
 * @example
 * const store = createInMemoryStore();
 * await store.append({ type: 'user', id: '1' }, { type: 'user.created', data: {} }, { expectedVersion: 'none' });
 */
export function createInMemoryStore(options: InMemoryStoreOptions = {}): EventStore {
  const registry = options.registry?.seal();
  const store = new InMemoryStore(options);
  return registry ? withRegistry(store, registry) : store;
}

class InMemoryStore implements EventStore {
  readonly #clock: Clock;
  readonly #newMessageId: MessageIdSource;
  readonly #log: EventLog;
  readonly #target: CommitTarget;
  readonly #subscriptions: InMemorySubscriptions;
  readonly #replays: InMemoryReplays;
  readonly #deadLetters: InMemoryDeadLetters;
  readonly #snapshots = new InMemorySnapshots(() => this.#assertOpen());
  readonly #projections: KeptProjections;
  readonly #processes: KeptProcesses;
  #lastRecordedMs = 0;
  #isClosing = false;
  readonly #closing = new AbortController();

  constructor(options: InMemoryStoreOptions) {
    const { stream, maxPayloadBytes, idempotencyTtlMs } = { ...IN_MEMORY_DEFAULTS, ...options };
    const clock = options.clock ?? systemClock;
    this.#clock = clock;
    this.#newMessageId = options.newMessageId ?? ulidSource(() => clock.now());
    this.#log = new EventLog(stream);
    const letters = new LetterShelf(clock);
    this.#subscriptions = new InMemorySubscriptions(this.#log, letters, clock);
    this.#deadLetters = new InMemoryDeadLetters(letters, this.#subscriptions);
    const { replaySinks: sinks = {}, onPublish = () => undefined } = options;
    this.#replays = new InMemoryReplays({
      log: this.#log,
      targets: new InMemoryTargets({
        subscriptions: () => this.#subscriptions.all,
        sinks,
        onPublish,
        registry: options.replayRegistry ?? options.registry,
      }),
      newId: ulidSource(() => clock.now()),
      clock,
      assertOpen: () => this.#assertOpen(),
    });
    this.#projections = new KeptProjections({
      store: {
        follow: (filter, how) => this.follow(filter, how),
        readAll: (how) => this.readAll(how),
        count: (filter) => this.count(filter),
        heads: async () => [{ stream, sequence: this.#log.lastSequence }],
      },
      records: new InMemoryProjectionRecords(),
      documents: createInMemoryDocuments(),
      clock,
      logger: silentLogger,
      checkOpen: () => {
        if (this.#isClosing) throw new StoreClosed();
      },
    });
    this.#processes = new KeptProcesses({
      store: {
        follow: (filter, how) => this.follow(filter, how),
        readAll: (how) => this.readAll(how),
        count: (filter) => this.count(filter),
        appendAll: (parts, how) => this.appendAll(parts, how),
        heads: async () => [{ stream, sequence: this.#log.lastSequence }],
      },
      records: new InMemoryProcessRecords(() => clock.now()),
      clock,
      logger: silentLogger,
      checkOpen: () => {
        if (this.#isClosing) throw new StoreClosed();
      },
    });
    this.#target = {
      log: this.#log,
      markers: new IdempotencyMarkers(idempotencyTtlMs, () => clock.now()),
      maxPayloadBytes,
      recordedAt: () => this.#recordedAt(),
    };
  }

  async append(
    aggregate: AggregateRef,
    events: NewEvent | readonly NewEvent[],
    options: AppendOptions = {},
  ): Promise<AppendResult> {
    if (typeof aggregate !== 'object' || aggregate === null)
      throw new ValidationError([{ path: 'aggregate', message: 'must be an object with type and id' }]);
    const { expectedVersion, ...rest } = options;
    const list = Array.isArray(events) ? (events as readonly NewEvent[]) : [events as NewEvent];
    return this.appendAll([{ aggregate, events: list, expectedVersion }], rest);
  }

  async appendAll(parts: readonly AppendPart[], options?: AppendAllOptions): Promise<AppendResult> {
    this.#assertOpen();
    const prepared = prepareAppend(parts, options, this.#newMessageId, () => this.#clock.now());
    return commitAppend(this.#target, prepared, () => appendContentHash(parts));
  }

  readAggregate(aggregate: AggregateRef, options: ReadAggregateOptions = {}): AggregateEvents {
    return this.#aggregateEvents(options.signal, () => {
      checkReadAggregate(options);
      return selectVersions(this.#log.eventsOf(checkAggregate(aggregate)), options);
    });
  }

  readAt(aggregate: AggregateRef, timestamp: string, options: { signal?: AbortSignal } = {}): AggregateEvents {
    return this.#aggregateEvents(options.signal, () => {
      const until = checkTimestamp(timestamp, 'timestamp');
      const events = this.#log.eventsOf(checkAggregate(aggregate));
      return events.filter(({ event }) => compareTimestamps(event.timestamp, until) <= 0);
    });
  }

  async load(aggregate: AggregateRef, options: { readonly maxEvents?: number } = {}): Promise<LoadedAggregate> {
    const events = this.#eventsOf(aggregate);
    const maxEvents = options.maxEvents ?? MAX_LOADED_EVENTS;
    if (events.length > maxEvents) throw new ResultTooLarge(maxEvents, 'readAggregate');
    return { version: events.length, events: events.map(copyOf) };
  }

  async head(aggregate: AggregateRef): Promise<AggregateHead | undefined> {
    return headOf(this.#eventsOf(aggregate).at(-1));
  }

  async exists(aggregate: AggregateRef): Promise<boolean> {
    return this.#eventsOf(aggregate).length > 0;
  }

  async currentVersion(aggregate: AggregateRef): Promise<number> {
    return this.#eventsOf(aggregate).length;
  }

  async aggregateTypesOf(aggregateId: string, tenantId?: string): Promise<readonly string[]> {
    this.#assertOpen();
    // The name of a type is only there to check the other two.
    const ref = checkAggregate({ type: 'any', id: aggregateId, tenantId });
    return this.#log.typesOf(ref.tenantId, ref.id);
  }

  async *readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    this.#assertOpen();
    const checked = checkReadAll(options);
    yield* deliver(
      () => selectEvents(this.#log, checked),
      () => this.#goOn(options.signal),
    );
  }

  follow(filter: EventFilter = {}, options: FollowOptions = {}): AsyncIterable<RecordedEvent> {
    return followLog(this.#log, filter, options, this.#closing.signal);
  }

  get subscriptions(): Subscriptions {
    return this.#subscriptions;
  }

  get deadLetters(): DeadLetters {
    return this.#deadLetters;
  }

  get snapshots(): Snapshots {
    return this.#snapshots;
  }

  get replays(): ReplayJobs {
    return this.#replays;
  }

  get projections(): Projections {
    return this.#projections;
  }

  get processes(): Processes {
    return this.#processes;
  }

  async count(filter: EventFilter & Pick<ReadAllOptions, 'after'> = {}): Promise<number> {
    this.#assertOpen();
    const { after } = checkReadAll({ after: filter.after });
    let count = 0;
    for (const _ of selectEvents(this.#log, { ...checkFilter(filter), after })) count++;
    return count;
  }

  async recordedAt(positions: readonly Position[]): Promise<readonly (string | undefined)[]> {
    this.#assertOpen();
    return positions.map(({ stream, sequence }) =>
      stream === this.#log.stream ? this.#log.at(sequence)?.event.recordedAt : undefined,
    );
  }

  async stats(options: { readonly tenantId?: string } = {}): Promise<EventStats> {
    this.#assertOpen();
    const { tenantId } = checkFilter({ tenantId: options.tenantId });
    const events = this.#log.events.map(({ event }) => event);
    return countStats(tenantId === undefined ? events : events.filter((event) => event.tenantId === tenantId));
  }

  async status(): Promise<StoreStatus> {
    const { stream, events, bytes, lastSequence } = this.#log;
    return {
      state: this.#closed ? 'closed' : 'ready',
      ...(this.#closed && { reason: 'it was closed' }),
      streams: [
        {
          name: stream,
          messages: events.length,
          bytes,
          firstSequence: events[0]?.sequence ?? 0,
          lastSequence,
          replicas: 1,
        },
      ],
      durability: 'none: events live in the memory of this process',
    };
  }

  async close(): Promise<void> {
    // Handlers that are in hand may still append, and read.
    this.#isClosing = true;
    await this.#processes.close();
    await this.#projections.close();
    await this.#subscriptions.close();
    await this.#replays.close();
    this.#closing.abort(new StoreClosed());
  }

  get #closed(): boolean {
    return this.#closing.signal.aborted;
  }

  #eventsOf(aggregate: AggregateRef): readonly StoredEvent[] {
    this.#assertOpen();
    return this.#log.eventsOf(checkAggregate(aggregate));
  }

  #aggregateEvents(signal: AbortSignal | undefined, select: () => Iterable<StoredEvent>): AggregateEvents {
    return {
      [Symbol.asyncIterator]: () => deliver(select, () => this.#goOn(signal)),
      // Nothing is ever removed from this store.
      retainedFromVersion: undefined,
    };
  }

  /** A clock that is set back must not make the log look out of order. */
  #recordedAt(): string {
    this.#lastRecordedMs = Math.max(this.#lastRecordedMs, this.#clock.now());
    return new Date(this.#lastRecordedMs).toISOString();
  }

  #goOn(signal: AbortSignal | undefined): void {
    signal?.throwIfAborted();
    this.#assertOpen();
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreClosed();
  }
}
