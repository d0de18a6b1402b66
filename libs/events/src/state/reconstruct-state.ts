import {
  type AggregateEvents,
  type AggregateRef,
  type EventMessage,
  type EventStore,
  HistoryIncomplete,
  type LoadedAggregate,
  type RecordedEvent,
  type Reducer,
  ValidationError,
  type ValidationProblem,
  foldEvents,
  isAnnalsError,
} from '@annals/core';
import { type Moment, type TenantOption, isoText } from '../read/replay-options.ts';

/**
 * Folds one event into a state: returns the next state, and neither changes the given one nor the event.
 *
 * `Event` is what the caller says of the stored events; it is not checked.
 */
export type StateReducer<State, Event extends EventMessage = RecordedEvent> = (state: State, event: Event) => State;

/** Which state to rebuild. */
export interface ReconstructOptions extends TenantOption {
  /** The state just after this version, from 1; a version that is still to come means the newest state. */
  readonly atVersion?: number | undefined;
  /** The state from the events with a `timestamp` at or before this, in version order. Not together with `atVersion`. */
  readonly asOf?: Moment | undefined;
  /** Fold what is there when retention took the oldest events; `HistoryIncomplete` unless given. */
  readonly allowIncomplete?: boolean | undefined;
  /** Ends the read with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** A rebuilt state and what it was rebuilt from. */
export interface ReconstructedState<State> {
  readonly state: State;
  /** Version of the last event in the state: what to expect when appending upon it. 0: there was none. */
  readonly version: number;
  /** The oldest version still stored, when retention took older ones. */
  readonly retainedFromVersion?: number;
}

/**
 * Rebuilds an aggregate's state from its events, in bounded memory.
 *
 * @throws HistoryIncomplete, ReducerFailed, ValidationError and what reading throws
 */
export async function reconstructState<State, Event extends EventMessage>(
  store: EventStore,
  aggregate: AggregateRef,
  initialState: State,
  reducer: StateReducer<State, Event>,
  options: ReconstructOptions,
): Promise<ReconstructedState<State>> {
  const asOf = checkMoment(options);
  const newest = asOf === undefined && options.atVersion === undefined && options.signal === undefined;
  const source = (newest ? await loadIfSmall(store, aggregate) : undefined) ?? open(store, aggregate, asOf, options);
  const refuseIncomplete = (): void => {
    const from = source.retainedFromVersion;
    if (from !== undefined && options.allowIncomplete !== true) throw new HistoryIncomplete(aggregate, from);
  };
  const events = 'events' in source ? source.events : checkedFirst(source, refuseIncomplete);
  if ('events' in source) refuseIncomplete();
  const folded = await foldEvents(aggregate, events, initialState, reducer as unknown as Reducer<State>);
  refuseIncomplete();
  const { retainedFromVersion } = source;
  // The newest events may have become none by a migration: they count all the same.
  const version = 'events' in source ? source.version : (source.stored?.last?.version ?? folded.version);
  return { ...folded, version, ...(retainedFromVersion !== undefined && { retainedFromVersion }) };
}

function open(
  store: EventStore,
  aggregate: AggregateRef,
  asOf: string | undefined,
  { atVersion, signal }: ReconstructOptions,
): AggregateEvents {
  const abort = signal && { signal };
  if (asOf !== undefined) return store.readAt(aggregate, asOf, abort);
  return store.readAggregate(aggregate, { toVersion: atVersion, ...abort });
}

/** The newest state goes through the store's cache, which costs one small request where nothing is new. */
async function loadIfSmall(store: EventStore, aggregate: AggregateRef): Promise<LoadedAggregate | undefined> {
  try {
    return await store.load(aggregate);
  } catch (error) {
    if (isAnnalsError(error) && error.code === 'result-too-large') return undefined;
    throw error;
  }
}

/** What was retained is known only once the first event came, or none. */
async function* checkedFirst(events: AsyncIterable<RecordedEvent>, check: () => void): AsyncGenerator<RecordedEvent> {
  for await (const event of events) {
    check();
    yield event;
  }
  check();
}

function checkMoment({ atVersion, asOf }: ReconstructOptions): string | undefined {
  const problems: ValidationProblem[] = [];
  if (atVersion !== undefined && asOf !== undefined) {
    problems.push({ path: 'asOf', message: 'must not be given together with atVersion' });
  }
  if (atVersion !== undefined && !(Number.isSafeInteger(atVersion) && atVersion >= 1)) {
    problems.push({ path: 'atVersion', message: 'must be a whole number from 1 to 2^53-1' });
  }
  const time = isoText(asOf, 'asOf', problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return time;
}
