import type { ResolvedAggregateRef } from '../event/aggregate-ref.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import type { Logger } from '../logging/logger.ts';
import { HistoryIncomplete } from '../state/history-incomplete.ts';
import type { LoadedAggregate } from '../read/read-options.ts';
import { foldEvents } from '../state/fold-events.ts';
import type { Reducer } from '../state/reducer.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Snapshot, Snapshots } from '../snapshot/snapshot.ts';
import { isAnnalsError } from '../error/annals-error.ts';
import { describeAggregate } from '../event/aggregate-ref.ts';
import { type Aggregate, initialStateOf } from './define-aggregate.ts';

/** An aggregate's state and where it stands. */
export interface LoadedState<State> {
  readonly state: State;
  /** Of the last event in the state; 0 for an aggregate without events. */
  readonly version: number;
}

/** A state as it was loaded, with what decides whether a snapshot is due. */
export interface LoadedWithSnapshot<State> extends LoadedState<State> {
  /** The snapshot that it was loaded from. */
  readonly snapshot: Snapshot | undefined;
  /** The chain link of the last event. */
  readonly hash: string | undefined;
  /** A snapshot is kept that is not of this history: it must go, or it would stand in the way of a right one. */
  readonly foundWrong: boolean;
}

/** What loading needs. */
export interface LoadParts {
  /** Without `load` all events are read as they are folded, past the cache. */
  readonly store: Pick<EventStore, 'readAggregate'> & Partial<Pick<EventStore, 'load'>>;
  /** Absent: everything is folded. */
  readonly snapshots?: Snapshots | undefined;
  readonly logger: Logger;
}

/**
 * Loads the newest state: from its snapshot and the events behind it where one can be used, else from all events.
 *
 * A snapshot of another state version, of another history or of versions that do not exist is passed over with a warning.
 * @throws ReducerFailed, HistoryIncomplete and what reading throws
 */
export async function loadState<State, Event, Command>(
  parts: LoadParts,
  aggregate: Aggregate<State, Event, Command>,
  ref: ResolvedAggregateRef,
): Promise<LoadedWithSnapshot<State>> {
  const snapshot = await readSnapshot(parts, ref);
  const loaded = snapshot && (await loadBehind(parts, aggregate, ref, snapshot));
  if (typeof loaded === 'object') return loaded;
  return { ...(await loadAll(parts, aggregate, ref)), foundWrong: loaded === 'wrong' };
}

/** A cache that does not answer must not keep anybody from the events. */
async function readSnapshot(
  { snapshots, logger }: LoadParts,
  ref: ResolvedAggregateRef,
): Promise<Snapshot | undefined> {
  try {
    return await snapshots?.get(ref);
  } catch (error) {
    logger.warn(`the snapshot of ${describeAggregate(ref)} cannot be read, its events are folded: ${String(error)}`);
    return undefined;
  }
}

async function loadBehind<State, Event, Command>(
  { store, logger }: LoadParts,
  aggregate: Aggregate<State, Event, Command>,
  ref: ResolvedAggregateRef,
  snapshot: Snapshot,
): Promise<LoadedWithSnapshot<State> | 'unusable' | 'wrong'> {
  const ignore = (reason: string): void =>
    logger.warn(`the snapshot of ${describeAggregate(ref)} at version ${snapshot.version} is passed over: ${reason}`);
  const wrong = (reason: string): 'wrong' => {
    ignore(reason);
    return 'wrong';
  };
  let start: ReturnType<typeof usableState<State, Event, Command>>;
  try {
    start = usableState(aggregate, snapshot);
  } catch (error) {
    ignore(`migrateState threw ${String(error)}`);
    return 'unusable';
  }
  if (start === undefined) {
    ignore(`its state version ${snapshot.stateVersion} is not ${aggregate.stateVersion}`);
    return 'unusable';
  }
  // The event of the snapshot's own version is read as well: it tells whether this is the history that was folded.
  const source = store.readAggregate(ref, { fromVersion: snapshot.version });
  const events: RecordedEvent[] = [];
  for await (const event of source) events.push(event);
  const { first, last } = source.stored ?? { first: events[0], last: events.at(-1) };
  if (first?.version !== snapshot.version) return wrong('there is no such version');
  if (snapshot.hash !== undefined && first.hash !== undefined && snapshot.hash !== first.hash) {
    return wrong('it was taken of another history');
  }
  const behind = events.filter(({ version }) => version! > snapshot.version);
  const { state } = await foldEvents(ref, behind, start.state, reducerOf(aggregate));
  return { state, version: last!.version!, snapshot, hash: last!.hash, foundWrong: false };
}

function usableState<State, Event, Command>(
  aggregate: Aggregate<State, Event, Command>,
  { state, stateVersion }: Snapshot,
): { readonly state: State } | undefined {
  if (stateVersion === aggregate.stateVersion) return { state: state as State };
  const migrated = aggregate.migrateState?.(state, stateVersion);
  return migrated === undefined ? undefined : { state: migrated };
}

async function loadAll<State, Event, Command>(
  { store }: LoadParts,
  aggregate: Aggregate<State, Event, Command>,
  ref: ResolvedAggregateRef,
): Promise<Omit<LoadedWithSnapshot<State>, 'foundWrong'>> {
  const loaded = await loadIfSmall(store, ref);
  const reducer = reducerOf(aggregate);
  if (loaded) {
    const { events, version, retainedFromVersion } = loaded;
    if (retainedFromVersion !== undefined) throw new HistoryIncomplete(ref, retainedFromVersion);
    const { state } = await foldEvents(ref, events, initialStateOf(aggregate), reducer);
    const last = events.at(-1);
    return { state, version, snapshot: undefined, hash: last?.version === version ? last.hash : undefined };
  }
  const source = store.readAggregate(ref);
  let newest: RecordedEvent | undefined;
  async function* complete(): AsyncGenerator<RecordedEvent> {
    for await (const event of source) {
      // Known once the first event came.
      if (source.retainedFromVersion !== undefined) throw new HistoryIncomplete(ref, source.retainedFromVersion);
      newest = event;
      yield event;
    }
  }
  const { state } = await foldEvents(ref, complete(), initialStateOf(aggregate), reducer);
  // Also where a migration made none of all that is left.
  if (source.retainedFromVersion !== undefined) throw new HistoryIncomplete(ref, source.retainedFromVersion);
  const last = source.stored ? source.stored.last : newest;
  return { state, version: last?.version ?? 0, snapshot: undefined, hash: last?.hash };
}

/** Through the store's cache where the aggregate is not too long for it. */
async function loadIfSmall(store: LoadParts['store'], ref: ResolvedAggregateRef): Promise<LoadedAggregate | undefined> {
  try {
    return await store.load?.(ref);
  } catch (error) {
    if (isAnnalsError(error) && error.code === 'result-too-large') return undefined;
    throw error;
  }
}

/** What is folded are current events, whatever type the aggregate gives them. */
export function reducerOf<State, Event, Command>(aggregate: Aggregate<State, Event, Command>): Reducer<State> {
  return aggregate.evolve as unknown as Reducer<State>;
}
