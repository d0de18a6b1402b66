import type { RecordedEvent } from '../event/event-message.ts';

/** Folds one event into a state. Returns the next state; must not change the given one, nor return a promise. */
export type Reducer<State, Event extends RecordedEvent = RecordedEvent> = (state: State, event: Event) => State;
