import type { AppendAllOptions, AppendOptions, AppendPart, AppendResult, AggregateHead } from '../append/append.ts';
import type { DeadLetter } from '../dead-letter/dead-letter.ts';
import type { DeadLetters } from '../dead-letter/dead-letters.ts';
import type { AggregateRef } from '../event/aggregate-ref.ts';
import type { Position, RecordedEvent } from '../event/event-message.ts';
import type { NewEvent } from '../event/new-event.ts';
import type { FollowOptions } from '../live/follow-options.ts';
import type {
  AggregateEvents,
  EventFilter,
  LoadedAggregate,
  ReadAggregateOptions,
  ReadAllOptions,
} from '../read/read-options.ts';
import type { Processes } from '../process/processes.ts';
import type { Projections } from '../projection/projections.ts';
import type { ReplayJobs } from '../replay/replay-jobs.ts';
import type { EventStats } from '../stats/event-stats.ts';
import type { EventStore } from '../store/event-store.ts';
import type { StoreStatus } from '../store/store-status.ts';
import type { Snapshots } from '../snapshot/snapshot.ts';
import type { Subscriptions } from '../subscribe/subscriptions.ts';
import { isUpcastFailed } from '../upcast/upcast-failed.ts';
import { checkDeclared } from './check-declared.ts';
import { currentEvents, eachCurrentEvent } from './current-events.ts';
import { currentHandler } from './current-handler.ts';
import { currentProcesses } from './current-process.ts';
import { currentProjections } from './current-projection.ts';
import type { EventRegistry } from './event-registry.ts';
import { rememberStored } from './stored-events.ts';

/**
 * A store whose appends are checked by a registry and whose events all come out as they are today: from reads, follows,
 * subscriptions, replays and dead letters alike. What it wraps is not to be used beside it.
 *
 * Filters, limits, counts and statistics mean stored events: a limit of 10 may give 12 events where one became three.
 *
 * @param registry it may be filled while the store is open; until it is sealed, reads go by what it holds, and handlers of
 *   subscriptions wait
 */
export function withRegistry(store: EventStore, registry: EventRegistry): EventStore {
  return rememberStored(new RegisteredEventStore(store, registry), store, registry);
}

class RegisteredEventStore implements EventStore {
  readonly subscriptions: Subscriptions;
  readonly deadLetters: DeadLetters;
  readonly projections: Projections;
  readonly processes: Processes;
  /** An aggregate that was loaded before is migrated once, as long as the store's cache holds it. */
  private readonly loaded = new WeakMap<readonly RecordedEvent[], readonly RecordedEvent[]>();

  constructor(
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
  ) {
    this.subscriptions = currentSubscriptions(() => store.subscriptions, registry);
    this.deadLetters = currentDeadLetters(() => store.deadLetters, registry);
    this.projections = currentProjections(() => store.projections, registry);
    this.processes = currentProcesses(() => store.processes, registry);
  }

  get snapshots(): Snapshots {
    return this.store.snapshots;
  }

  get replays(): ReplayJobs {
    return this.store.replays;
  }

  async append(
    aggregate: AggregateRef,
    events: NewEvent | readonly NewEvent[],
    options?: AppendOptions,
  ): Promise<AppendResult> {
    if (this.isIdle) return this.store.append(aggregate, events, options);
    const list = Array.isArray(events) ? (events as readonly NewEvent[]) : [events as NewEvent];
    const [part] = await checkDeclared(this.registry, [{ aggregate, events: list }]);
    return this.store.append(aggregate, part!.events, options);
  }

  async appendAll(parts: readonly AppendPart[], options?: AppendAllOptions): Promise<AppendResult> {
    return this.store.appendAll(this.isIdle ? parts : await checkDeclared(this.registry, parts), options);
  }

  readAggregate(aggregate: AggregateRef, options?: ReadAggregateOptions): AggregateEvents {
    return this.currentAggregate(this.store.readAggregate(aggregate, options));
  }

  readAt(aggregate: AggregateRef, timestamp: string, options?: { signal?: AbortSignal }): AggregateEvents {
    return this.currentAggregate(this.store.readAt(aggregate, timestamp, options));
  }

  async load(
    aggregate: AggregateRef,
    options?: { readonly cache?: boolean; readonly maxEvents?: number },
  ): Promise<LoadedAggregate> {
    const loaded = await this.store.load(aggregate, options);
    // What an unsealed registry makes of it may change.
    if (!this.registry.isSealed) return { ...loaded, events: currentEvents(this.registry, loaded.events) };
    if (this.isIdle) return loaded;
    let events = this.loaded.get(loaded.events);
    if (!events) {
      events = currentEvents(this.registry, loaded.events);
      this.loaded.set(loaded.events, events);
    }
    return { ...loaded, events };
  }

  head(aggregate: AggregateRef): Promise<AggregateHead | undefined> {
    return this.store.head(aggregate);
  }

  exists(aggregate: AggregateRef): Promise<boolean> {
    return this.store.exists(aggregate);
  }

  currentVersion(aggregate: AggregateRef): Promise<number> {
    return this.store.currentVersion(aggregate);
  }

  aggregateTypesOf(aggregateId: string, tenantId?: string): Promise<readonly string[]> {
    return this.store.aggregateTypesOf(aggregateId, tenantId);
  }

  readAll(options?: ReadAllOptions): AsyncIterable<RecordedEvent> {
    if (this.isIdle) return this.store.readAll(options);
    return iterable(() => eachCurrentEvent(this.registry, this.store.readAll(options)));
  }

  follow(filter?: EventFilter, options?: FollowOptions): AsyncIterable<RecordedEvent> {
    if (this.isIdle) return this.store.follow(filter, options);
    return iterable(() => eachCurrentEvent(this.registry, this.store.follow(filter, options)));
  }

  count(filter?: EventFilter & Pick<ReadAllOptions, 'after'>): Promise<number> {
    return this.store.count(filter);
  }

  recordedAt(positions: readonly Position[]): Promise<readonly (string | undefined)[]> {
    return this.store.recordedAt(positions);
  }

  stats(options?: { readonly tenantId?: string }): Promise<EventStats> {
    return this.store.stats(options);
  }

  status(): Promise<StoreStatus> {
    return this.store.status();
  }

  close(): Promise<void> {
    return this.store.close();
  }

  /** Nothing is declared and nothing will be. */
  private get isIdle(): boolean {
    return this.registry.isSealed && this.registry.isEmpty;
  }

  private currentAggregate(events: AggregateEvents): AggregateEvents {
    if (this.isIdle) return events;
    const stored: { first: RecordedEvent | undefined; last: RecordedEvent | undefined } = {
      first: undefined,
      last: undefined,
    };
    const onStored = (event: RecordedEvent): void => {
      stored.first ??= event;
      stored.last = event;
    };
    return {
      [Symbol.asyncIterator]: () => eachCurrentEvent(this.registry, events, onStored),
      get retainedFromVersion() {
        return events.retainedFromVersion;
      },
      stored,
    };
  }
}

function iterable(open: () => AsyncGenerator<RecordedEvent, void, undefined>): AsyncIterable<RecordedEvent> {
  return { [Symbol.asyncIterator]: open };
}

function currentSubscriptions(inner: () => Subscriptions, registry: EventRegistry): Subscriptions {
  return {
    subscribe: (options, handler) => {
      // What is no handler or no options is for the store to refuse.
      const isIdle = registry.isSealed && registry.isEmpty;
      if (isIdle || typeof handler !== 'function') return inner().subscribe(options, handler);
      return inner().subscribe(options, currentHandler(registry, handler, options?.onUpcastFailure));
    },
    create: (options) => inner().create(options),
    list: () => inner().list(),
    get: (name) => inner().get(name),
    pause: (name) => inner().pause(name),
    resume: (name) => inner().resume(name),
    previewRewind: (name, to) => inner().previewRewind(name, to),
    rewind: (name, to) => inner().rewind(name, to),
    delete: (name) => inner().delete(name),
  };
}

function currentDeadLetters(inner: () => DeadLetters, registry: EventRegistry): DeadLetters {
  return {
    list: async (selection, options) => {
      const page = await inner().list(selection, options);
      return { ...page, letters: page.letters.map((letter) => currentLetter(registry, letter)) };
    },
    get: async (id) => currentLetter(registry, await inner().get(id)),
    count: (selection) => inner().count(selection),
    redrive: (selection, options) => inner().redrive(selection, options),
    purge: (selection) => inner().purge(selection),
  };
}

/** A letter is shown with one event: as it is stored where a migration splits it, or cannot read it. */
function currentLetter(registry: EventRegistry, letter: DeadLetter): DeadLetter {
  if (!letter.event) return letter;
  try {
    const current = registry.current(letter.event);
    return Array.isArray(current) ? letter : { ...letter, event: current as RecordedEvent };
  } catch (error) {
    if (isUpcastFailed(error)) return letter;
    throw error;
  }
}
