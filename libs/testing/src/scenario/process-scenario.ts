import { deepStrictEqual } from 'node:assert';
import {
  type AggregateRef,
  type KeptEffect,
  type KeptInstance,
  type Process,
  type ProcessCommand,
  type ProcessInput,
  type RecordedEvent,
  afterEffect,
  matchesPattern,
  newInstance,
  react,
} from '@annals/core';
import { type ExpectedEvent, expectEvents } from './expect-events.ts';
import { type GivenEvent, recorded } from './given-events.ts';
import { fail, holdPure } from './hold-pure.ts';

/** An event, a timer of the process that becomes due, or a command of it that has failed for good. */
export type ScenarioInput =
  | GivenEvent
  | { readonly timeout: string }
  | {
      readonly failure: string;
      readonly of?: 'command' | 'emit' | 'undo';
      readonly data?: unknown;
      readonly message?: string;
    };

/** What a process is expected to want. What is not named must not be wanted. */
export interface ExpectedDecision {
  /** Compared by the fields that they name; `aggregate` by type and id. */
  readonly emits?: readonly (ExpectedEvent & { readonly aggregate?: AggregateRef })[];
  readonly commands?: readonly (string | ProcessCommand)[];
  /** Names, or with when they are due, ISO 8601 or milliseconds behind the input. */
  readonly schedules?: readonly (string | { readonly name: string; readonly afterMs?: number; readonly at?: string })[];
  /** Names of timers that waited and wait no more. */
  readonly cancels?: readonly string[];
  readonly compensates?: boolean;
  /** The reason, or a part of it. */
  readonly ends?: string | RegExp;
}

/**
 * Tests a process without a store: given events, when an event, a timeout or a failure, then what it wants. Fails as well
 * where `handle` changes what it is given or returns a promise. Everything that was wanted before counts as done.
 *
 * @example
 * testProcess(trial)
 *   .given({ type: 'account.opened', data: {} })
 *   .when({ timeout: 'trial-over' })
 *   .then({ emits: [{ type: 'account.closed' }], ends: 'never paid' });
 */
export function testProcess<State>(process: Process<State>): ProcessScenario<State> {
  const handle: Process<State>['handle'] = (state, input, tools) =>
    holdPure('handle', { state, input }, () => process.handle(state, input, tools));
  return new ProcessScenario<State>({ ...process, handle } as unknown as Process, []);
}

/** A process and what has come to one of its instances. */
export class ProcessScenario<State> {
  constructor(
    private readonly process: Process,
    private readonly inputs: readonly ScenarioInput[],
  ) {}

  /** What has come, in its order. Events are a second apart. */
  given(...inputs: readonly ScenarioInput[]): ProcessScenario<State> {
    return new ProcessScenario(this.process, [...this.inputs, ...inputs]);
  }

  /** Has the process decide. What it wants is checked by `then`. */
  when(input: ScenarioInput): ProcessDecided<State> {
    const before = this.played();
    const { after, now, fired } = this.next(before, input, this.inputs.length);
    // A timer that fired was not cancelled.
    const waiting = before && { ...before, timers: before.timers.filter(({ id }) => id !== fired) };
    return new ProcessDecided<State>(waiting, after, now);
  }

  /** Checks the state after what was given. */
  expect(state: State): void {
    deepStrictEqual(this.played()?.data, state);
  }

  private played(): KeptInstance | undefined {
    let instance: KeptInstance | undefined;
    for (const [i, input] of this.inputs.entries()) instance = settled(this.next(instance, input, i).after);
    return instance;
  }

  private next(
    before: KeptInstance | undefined,
    input: ScenarioInput,
    index: number,
  ): { readonly after: KeptInstance | undefined; readonly now: string; readonly fired?: string } {
    if ('timeout' in input) return this.fire(before, input.timeout);
    const event = eventAt(index, 'failure' in input ? { type: 'none', data: null } : input);
    const now = event.recordedAt;
    const cause = { atMs: Date.parse(now), causationId: event.messageId };
    if (before?.endedAt !== undefined) return { after: before, now };
    if (!('failure' in input)) {
      const isStart = this.process.startsOn.some((pattern) => matchesPattern(pattern, event.type));
      const key = this.process.correlate(event);
      if (key === undefined || (!before && !isStart)) return { after: before, now };
      if (before && before.key !== key)
        fail(`the event ${event.type} belongs to the instance ${key}, not ${before.key}`);
      const current = before ?? newInstance(this.process, { tenantId: event.tenantId, key }, event);
      return { after: react(this.process, current, { type: 'event', event }, cause) ?? before, now };
    }
    if (!before) fail('there is no instance: give the event that starts one');
    const { failure: name, of = 'command', data, message = 'it failed' } = input;
    const error = { name: 'Error', message, at: now };
    const failed: ProcessInput = { type: 'failure', of, name, data, error };
    return { after: react(this.process, before, failed, cause) ?? before, now };
  }

  private fire(before: KeptInstance | undefined, name: string) {
    const timer = before?.timers.find((waiting) => waiting.name === name);
    if (!before || !timer) {
      const waiting = before?.timers.map((other) => other.name).join(', ') ?? '';
      fail(`no timer ${name} waits, but ${waiting === '' ? 'none' : waiting}`);
    }
    const rest = { ...before, timers: before.timers.filter((other) => other !== timer) };
    const input: ProcessInput = { type: 'timeout', name, data: timer.data, at: timer.at };
    return {
      after: react(this.process, rest, input, { atMs: Date.parse(timer.at) }) ?? rest,
      now: timer.at,
      fired: timer.id,
    };
  }
}

/** What a process wants. */
export class ProcessDecided<State> {
  constructor(
    private readonly before: KeptInstance | undefined,
    private readonly after: KeptInstance | undefined,
    private readonly now: string,
  ) {}

  /**
   * Checks all that the process wants.
   *
   * @returns what may be checked further: the state afterwards
   * @throws AssertionError
   */
  then(expected: ExpectedDecision, ...rest: readonly unknown[]): { expect(state: State): void } {
    // `await` calls `then` with two functions, and would never end.
    if (rest.length > 0 || typeof expected === 'function') {
      fail('a scenario is synchronous: say what is expected with then(), and do not await it');
    }
    const known = new Set(this.before?.outbox.map(({ id }) => id));
    const wanted = this.after?.outbox.filter(({ id }) => !known.has(id)) ?? [];
    this.expectEmitted(wanted, expected.emits ?? []);
    const commands = wanted.flatMap((effect) => (effect.kind === 'command' ? [effect.command] : []));
    same(commands, expected.commands ?? [], 'the commands');
    this.expectTimers(expected);
    const compensates = wanted.some(({ kind }) => kind === 'compensate');
    if (compensates !== (expected.compensates ?? false)) {
      fail(compensates ? 'the process compensates' : 'the process does not compensate');
    }
    const ends = this.before?.endedAt === undefined ? this.after?.reason : undefined;
    const isExpected = expected.ends instanceof RegExp ? expected.ends.test(ends ?? '') : expected.ends === ends;
    if (!isExpected) fail(`the instance ${ends === undefined ? 'goes on' : `ends: ${ends}`}`, expected.ends, ends);
    return { expect: (state) => deepStrictEqual(this.after?.data, state) };
  }

  private expectEmitted(wanted: readonly KeptEffect[], expected: NonNullable<ExpectedDecision['emits']>): void {
    const emitted = wanted.flatMap((effect) =>
      effect.kind === 'emit' ? effect.part.events.map((event) => ({ ...event, aggregate: effect.part.aggregate })) : [],
    );
    const compared = emitted.map((event, i) => {
      const { type, id } = event.aggregate ?? {};
      return expected[i]?.aggregate?.tenantId === undefined ? { ...event, aggregate: { type, id } } : event;
    });
    expectEvents(compared, expected, 'what the process emits');
  }

  private expectTimers({ schedules = [], cancels = [] }: ExpectedDecision): void {
    const known = new Map(this.before?.timers.map((timer) => [timer.id, timer.name]));
    const timers = this.after?.timers ?? [];
    const scheduled = timers
      .filter(({ id }) => !known.has(id))
      .map(({ name, at }) => ({ name, at, afterMs: Date.parse(at) - Date.parse(this.now) }));
    same(scheduled, schedules, 'the timers');
    const gone = [...known.values()].filter((name) => timers.every((timer) => timer.name !== name));
    // What an end takes along need not be named.
    if (this.after?.endedAt === undefined || cancels.length > 0) deepStrictEqual(gone.sort(), [...cancels].sort());
  }
}

function same(
  actual: readonly { readonly name: string }[],
  expected: readonly (string | { readonly name: string })[],
  what: string,
): void {
  const compared = actual.map((item, i) => {
    const wanted = expected[i];
    if (wanted === undefined) return item;
    if (typeof wanted === 'string') return item.name;
    return Object.fromEntries(Object.keys(wanted).map((field) => [field, (item as Record<string, unknown>)[field]]));
  });
  deepStrictEqual(compared, [...expected], `${what} are not as expected: ${JSON.stringify(actual)}`);
}

function settled(instance: KeptInstance | undefined): KeptInstance | undefined {
  let current = instance;
  while (current?.outbox[0]) current = afterEffect(current, current.outbox[0]);
  return current;
}

function eventAt(index: number, event: GivenEvent): RecordedEvent {
  const before = Array.from({ length: index }, () => ({ type: 'none', data: null }));
  return recorded([...before, event], { type: 'aggregate', id: 'scenario' }).at(-1)!;
}
