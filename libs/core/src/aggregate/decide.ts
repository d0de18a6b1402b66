import type { AggregateRef } from '../event/aggregate-ref.ts';
import type { NewEvent } from '../event/new-event.ts';
import { isThenable } from '../state/reducer-failed.ts';
import { DeciderFailed } from './decider-failed.ts';
import type { Aggregate } from './define-aggregate.ts';

/**
 * The events that a command leads to.
 *
 * @throws whatever `decide` throws: it is the domain's refusal; DeciderFailed when it returns a promise or no event
 */
export function decideEvents<State, Event, Command>(
  aggregate: Aggregate<State, Event, Command>,
  ref: AggregateRef,
  command: Command,
  state: State,
): readonly NewEvent[] {
  if (!aggregate.decide) throw new DeciderFailed(ref, 'the aggregate has no decide function');
  const decided: unknown = aggregate.decide(command, state);
  if (isThenable(decided)) throw new DeciderFailed(ref, 'it returned a promise, a decision must be synchronous');
  if (Array.isArray(decided)) {
    if (decided.some((event) => typeof event !== 'object' || event === null)) {
      throw new DeciderFailed(ref, 'its list holds something that is no event');
    }
    return decided as readonly NewEvent[];
  }
  if (typeof decided === 'object' && decided !== null) return [decided as NewEvent];
  throw new DeciderFailed(ref, `it returned ${String(decided)}, not an event or a list of events`);
}
