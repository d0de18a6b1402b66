import { deepStrictEqual } from 'node:assert';
import { type Aggregate, type NewEvent, type RecordedEvent, decideEvents, initialStateOf } from '@annals/core';
import { type ExpectedEvent, expectEvents } from './expect-events.ts';
import { type GivenEvent, recorded } from './given-events.ts';
import { fail, holdPure } from './hold-pure.ts';

/** What a refusal is recognised by: its class, a part of its message, or a check. */
export type ExpectedError =
  (new (...args: never[]) => Error) | RegExp | { readonly name?: string; readonly message?: string };

const ID = 'scenario';

/**
 * Tests an aggregate without a store: given events, when a command, then events or a refusal. Fails as well where `evolve`
 * or `decide` change what they are given or return a promise.
 *
 * @example
 * testAggregate(account).given({ type: 'account.opened', data: {} }).when({ pay: 5 }).then([{ type: 'account.paid', data: 5 }]);
 * testAggregate(account).given().when({ pay: 5 }).then(AccountUnknown);
 * testAggregate(account).given({ type: 'account.opened', data: {} }).expect({ balance: 0 });
 */
export function testAggregate<State, Event, Command>(
  aggregate: Aggregate<State, Event, Command>,
): AggregateScenario<State, Event, Command> {
  return new AggregateScenario(aggregate, []);
}

/** An aggregate and the events that have happened to it. */
export class AggregateScenario<State, Event, Command> {
  constructor(
    private readonly aggregate: Aggregate<State, Event, Command>,
    private readonly events: readonly RecordedEvent[],
  ) {}

  /** The events that have happened, in their order; those of several calls follow each other. Versions begin at 1. */
  given(...events: readonly GivenEvent[]): AggregateScenario<State, Event, Command> {
    const all = [...this.events, ...events];
    return new AggregateScenario(this.aggregate, recorded(all, { type: this.aggregate.type, id: ID }));
  }

  /** Has a command decided upon the given events. Its outcome is checked by `then`. */
  when(command: Command): CommandScenario<State> {
    const state = this.fold(this.events);
    const { aggregate } = this;
    try {
      const decided = holdPure('decide', { state, command }, () => aggregate.decide?.(command, state));
      const ref = { type: aggregate.type, id: ID };
      const events = decideEvents({ ...aggregate, decide: () => decided! }, ref, command, state);
      return new CommandScenario(events, undefined, () => this.fold([...this.events, ...this.next(events)]));
    } catch (error) {
      if (isAssertion(error)) throw error;
      return new CommandScenario<State>([], { error }, () => state);
    }
  }

  /** Checks the state after the given events. */
  expect(state: State): void {
    deepStrictEqual(this.fold(this.events), state);
  }

  private next(decided: readonly NewEvent[]): RecordedEvent[] {
    const all = recorded([...this.events, ...decided], { type: this.aggregate.type, id: ID });
    return all.slice(this.events.length);
  }

  private fold(events: readonly RecordedEvent[]): State {
    const { aggregate } = this;
    return events.reduce(
      (state, event) => holdPure('evolve', { state, event }, () => aggregate.evolve(state, event as Event)),
      initialStateOf(aggregate),
    );
  }
}

/** What a command led to. */
export class CommandScenario<State> {
  constructor(
    private readonly events: readonly NewEvent[],
    private readonly refusal: { readonly error: unknown } | undefined,
    private readonly stateAfter: () => State,
  ) {}

  /**
   * Checks the events by the fields that the expected ones name, or the refusal.
   *
   * @returns what may be checked further: the state after the events
   * @throws AssertionError
   */
  then(
    expected: readonly ExpectedEvent[] | ExpectedEvent | ExpectedError,
    ...rest: readonly unknown[]
  ): { expect(state: State): void } {
    // `await` calls `then` with two functions, and would never end.
    if (rest.length > 0) fail('a scenario is synchronous: say what is expected with then(), and do not await it');
    if (isError(expected)) this.expectRefusal(expected);
    else
      this.expectEvents(Array.isArray(expected) ? (expected as readonly ExpectedEvent[]) : [expected as ExpectedEvent]);
    return { expect: (state) => deepStrictEqual(this.stateAfter(), state) };
  }

  private expectEvents(expected: readonly ExpectedEvent[]): void {
    if (this.refusal) fail(`the command was refused: ${String(this.refusal.error)}`, expected, this.refusal.error);
    expectEvents(this.events, expected, 'the events of the command');
  }

  private expectRefusal(expected: ExpectedError): void {
    if (!this.refusal) fail('the command was not refused', expected, this.events);
    const { error } = this.refusal;
    if (!refusedBy(error, expected))
      fail(`the command was refused by another error: ${String(error)}`, expected, error);
  }
}

function isError(expected: unknown): expected is ExpectedError {
  if (typeof expected === 'function' || expected instanceof RegExp) return true;
  return typeof expected === 'object' && expected !== null && !Array.isArray(expected) && !('type' in expected);
}

function refusedBy(error: unknown, expected: ExpectedError): boolean {
  if (typeof expected === 'function') return error instanceof expected;
  const message = error instanceof Error ? error.message : String(error);
  if (expected instanceof RegExp) return expected.test(message);
  if (expected instanceof Error) {
    return error instanceof Error && error.constructor === expected.constructor && message === expected.message;
  }
  return Object.entries(expected).every(
    ([field, value]) => (error as Record<string, unknown> | null)?.[field] === value,
  );
}

function isAssertion(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'ERR_ASSERTION';
}
