import {
  type EventStore,
  type LoadedWithSnapshot,
  type Logger,
  type ResolvedAggregateRef,
  foldEvent,
  initialStateOf,
  isAnnalsError,
  loadState,
  reducerOf,
} from '@annals/core';
import type { StateResponse } from '@annals/contract';
import { type AggregateName, findAggregate } from '../read/find-aggregate.ts';
import { EventsToFold, type FoldBounds } from './events-to-fold.ts';
import { jsonState } from './json-state.ts';
import type { Folding, StateModule } from './state-module.ts';

/** Which state is wanted: the newest unless a version or a time is given. */
export interface WantedState {
  readonly atVersion?: number;
  /** Checked, in UTC. */
  readonly asOf?: string | undefined;
  readonly allowIncomplete?: boolean;
}

interface Folded {
  readonly state: unknown;
  readonly snapshotVersion: number | null;
}

/**
 * An aggregate's state at a version or a time.
 *
 * @throws AggregateNotFound, ReducerFailed, HistoryIncomplete, UpcastFailed and what reading throws
 */
export async function readState(
  store: EventStore,
  module: StateModule,
  name: AggregateName,
  wanted: WantedState,
  bounds: FoldBounds,
  logger: Logger,
): Promise<StateResponse> {
  const { aggregate: ref } = await findAggregate(store, name);
  const folding = module.foldingOf(ref.type);
  const events = new EventsToFold(store, ref as ResolvedAggregateRef, bounds, wanted.allowIncomplete === true);
  const { state, snapshotVersion } = await stateOf(store, folding, events, wanted, logger);
  const { last, retainedFromVersion } = events;
  return {
    aggregateId: ref.id,
    aggregateType: ref.type,
    version: last?.version ?? 0,
    ...(last && { timestamp: last.timestamp }),
    state: folding.kind === 'module' && last ? jsonState(ref, last, state) : state,
    reducer: folding.kind,
    snapshotVersion,
    ...(retainedFromVersion !== undefined && { retainedFromVersion }),
  };
}

async function stateOf(
  store: EventStore,
  folding: Folding,
  events: EventsToFold,
  { atVersion, asOf, allowIncomplete }: WantedState,
  logger: Logger,
): Promise<Folded> {
  if (atVersion === 0) return { state: initialStateOf(folding.aggregate), snapshotVersion: null };
  if (atVersion === undefined && asOf === undefined && folding.aggregate.snapshotPolicy) {
    const loaded = await loadNewest(store, folding, events, allowIncomplete === true, logger);
    if (loaded) return { state: loaded.state, snapshotVersion: loaded.snapshot?.version ?? null };
  }
  const moment = atVersion !== undefined ? { version: atVersion } : asOf === undefined ? undefined : { asOf };
  let state = initialStateOf(folding.aggregate);
  const reducer = reducerOf(folding.aggregate);
  for await (const event of events.upTo(moment)) state = foldEvent(events.aggregate, state, event, reducer);
  return { state, snapshotVersion: null };
}

/** With the help of a snapshot. Undefined where it takes the older events, which are gone, and the caller can do without. */
async function loadNewest(
  { snapshots }: EventStore,
  { aggregate }: Folding,
  events: EventsToFold,
  allowIncomplete: boolean,
  logger: Logger,
): Promise<LoadedWithSnapshot<unknown> | undefined> {
  const readAggregate: EventStore['readAggregate'] = (_, options = {}) => events.readAggregate(options);
  try {
    return await loadState({ store: { readAggregate }, snapshots, logger }, aggregate, events.aggregate);
  } catch (error) {
    if (allowIncomplete && isAnnalsError(error) && error.code === 'history-incomplete') return undefined;
    throw error;
  }
}
