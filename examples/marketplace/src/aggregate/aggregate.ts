import type { DomainEvent } from './decision.ts';

/** How the state of one type of aggregate comes from its events. */
export interface Aggregate<State, Event extends DomainEvent> {
  readonly type: string;
  /** Before the first event. */
  readonly initial: State;
  /** The next state. Pure; what it does not know it passes over, so that old code can read newer events. */
  evolve(state: State, event: Event & { readonly timestamp: string }): State;
}
