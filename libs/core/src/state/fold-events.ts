import type { AggregateRef } from '../event/aggregate-ref.ts';
import type { RecordedEvent } from '../event/event-message.ts';
import { isThenable, ReducerFailed } from './reducer-failed.ts';
import type { Reducer } from './reducer.ts';

/** A state and the version it was folded up to (0: the initial state). */
export interface FoldedState<State> {
  readonly state: State;
  readonly version: number;
}

/**
 * Folds events into a state, one after the other.
 *
 * @throws ReducerFailed when the reducer throws or returns a promise; it names event, version and position
 */
export async function foldEvents<State>(
  aggregate: AggregateRef,
  events: AsyncIterable<RecordedEvent> | Iterable<RecordedEvent>,
  initialState: State,
  reducer: Reducer<State>,
): Promise<FoldedState<State>> {
  let state = initialState;
  let version = 0;
  for await (const event of events) {
    state = foldEvent(aggregate, state, event, reducer);
    version = event.version ?? version;
  }
  return { state, version };
}

/** Folds one event into a state. @throws as {@link foldEvents} */
export function foldEvent<State>(
  aggregate: AggregateRef,
  state: State,
  event: RecordedEvent,
  reducer: Reducer<State>,
): State {
  let next: State;
  try {
    next = reducer(state, event);
  } catch (cause) {
    throw new ReducerFailed(aggregate, event, 'it threw', { cause });
  }
  if (isThenable(next))
    throw new ReducerFailed(aggregate, event, 'it returned a promise, a reducer must be synchronous');
  return next;
}
