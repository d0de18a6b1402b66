import type { RecordedEvent } from '../event/event-message.ts';
import { nameProblem } from '../event/name.ts';
import type { NewEvent } from '../event/new-event.ts';
import { type ValidationProblem, ValidationError } from '../error/validation-error.ts';
import { type SnapshotPolicy, checkSnapshotPolicy } from '../snapshot/snapshot-policy.ts';

/** What `evolve` is given: an event as it is today. */
export type AnyEvent = RecordedEvent;

/**
 * An aggregate in the decider's terms: how its state follows from events, and which events follow from a command.
 *
 * All functions are pure and synchronous: they change neither what they are given nor anything else.
 */
export interface AggregateDefinition<State, Event = AnyEvent, Command = never> {
  /** Aggregate type. */
  readonly type: string;
  /** The state before the first event; a function where it holds objects of its own. */
  readonly initialState: State | (() => State);
  /** The state after an event. */
  readonly evolve: (state: State, event: Event) => State;
  /** The events that a command leads to in a state, none or one or several; throws where it is refused. */
  readonly decide?: (command: Command, state: State) => NewEvent | readonly NewEvent[];
  /** Schema version of the state, for snapshots; 1 unless given. Raise it when `evolve` or the state's shape changes. */
  readonly stateVersion?: number;
  /** Makes today's state of a snapshot of an older `stateVersion`; returns undefined for one that it cannot use. */
  readonly migrateState?: (state: unknown, stateVersion: number) => State | undefined;
  /** When snapshots are taken; never unless given. `true` stands for every 100 events. */
  readonly snapshots?: SnapshotPolicy | boolean;
}

/** An {@link AggregateDefinition} that was checked. */
export interface Aggregate<State, Event = AnyEvent, Command = never> extends AggregateDefinition<
  State,
  Event,
  Command
> {
  readonly stateVersion: number;
  readonly snapshotPolicy: SnapshotPolicy | undefined;
}

/**
 * Declares an aggregate.
 *
 * @throws ValidationError with every problem
 * @example
 * const account = defineAggregate({
 *   type: 'account',
 *   initialState: { balance: 0 },
 *   evolve: (state, event: EventOf<typeof accountEvents>) =>
 *     event.type === 'account.paid-in' ? { balance: state.balance + event.data.amount } : state,
 *   decide: (command: { amount: number }) => ({ type: 'account.paid-in', data: { amount: command.amount } }),
 * });
 */
export function defineAggregate<State, Event = AnyEvent, Command = never>(
  definition: AggregateDefinition<State, Event, Command>,
): Aggregate<State, Event, Command> {
  const { type, evolve, decide, stateVersion = 1, snapshots = false } = definition;
  const problems: ValidationProblem[] = [];
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message });
  };
  add('type', nameProblem(type));
  if (typeof evolve !== 'function') add('evolve', 'must be a function');
  if (decide !== undefined && typeof decide !== 'function') add('decide', 'must be a function');
  if (!('initialState' in definition)) add('initialState', 'must be given');
  if (!(Number.isSafeInteger(stateVersion) && stateVersion >= 1)) add('stateVersion', 'must be a whole number from 1');
  if (problems.length > 0) throw new ValidationError(problems);
  const policy = snapshots === true ? {} : snapshots;
  return Object.freeze({
    ...definition,
    stateVersion,
    snapshotPolicy: policy === false ? undefined : checkSnapshotPolicy(policy),
  });
}

/** The state before the first event. */
export function initialStateOf<State>({ initialState }: { readonly initialState: State | (() => State) }): State {
  return typeof initialState === 'function' ? (initialState as () => State)() : initialState;
}
