import { describe, expect, it } from '@jest/globals';
import { type ProcessDecision, type ProcessInput, defineProcess } from '@annals/core';
import { testProcess } from './process-scenario.ts';

const DAY_MS = 86_400_000;
const opened = { type: 'account.opened', data: {} };
const paid = { type: 'account.paid', data: {} };

const trial = defineProcess<{ paid: boolean }>({
  name: 'trial',
  startsOn: ['account.opened'],
  reactsTo: ['account.paid', 'account.closed'],
  correlate: ({ aggregateId }) => aggregateId,
  initialState: { paid: false },
  commands: ['mail', 'refund'],
  handle: (state, input, { key }) => {
    if (input.type === 'timeout') {
      const events = { type: 'account.closed', data: { why: 'trial' } };
      return { compensate: true, emit: { aggregate: { type: 'account', id: key }, events }, end: 'never paid' };
    }
    if (input.type === 'failure') return undefined;
    if (input.event.type === 'account.paid') return { state: { paid: true }, cancel: 'over' };
    if (input.event.type === 'account.closed') return { end: 'closed' };
    return {
      commands: { name: 'mail', data: key, undo: { name: 'refund' } },
      schedule: { name: 'over', afterMs: 14 * DAY_MS },
    };
  },
});

const deciding = (handle: (input: ProcessInput, state: { n: number }) => ProcessDecision<{ n: number }> | undefined) =>
  defineProcess<{ n: number }>({
    name: 'p',
    startsOn: ['account.opened'],
    correlate: ({ aggregateId }) => aggregateId,
    initialState: () => ({ n: 0 }),
    handle: (state, input) => handle(input, state),
  });

describe('a scenario of a process', () => {
  it('passes where the process wants what is expected', () => {
    const scenario = testProcess(trial);
    scenario
      .when(opened)
      .then({ commands: [{ name: 'mail', data: 'scenario' }], schedules: [{ name: 'over', afterMs: 14 * DAY_MS }] });
    scenario
      .given(opened)
      .when(paid)
      .then({ cancels: ['over'] })
      .expect({ paid: true });
    scenario
      .given(opened)
      .when({ timeout: 'over' })
      .then({
        compensates: true,
        emits: [{ type: 'account.closed', data: { why: 'trial' }, aggregate: { type: 'account', id: 'scenario' } }],
        ends: 'never paid',
      });
    scenario
      .given(opened)
      .when({ failure: 'mail', message: 'no server' })
      .then({ compensates: true, ends: /no server/ });
    scenario.given(opened, paid).expect({ paid: true });
    const twice = deciding((input) =>
      input.type === 'event' ? { schedule: ['a', 'b'].map((name) => ({ name, afterMs: 1 })) } : { state: { n: 1 } },
    );
    testProcess(twice).given(opened).when({ timeout: 'a' }).then({}).expect({ n: 1 });
    scenario.given(opened, { type: 'account.closed', data: {} }).when(paid).then({});
    scenario.when(paid).then({});
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'a command that is not expected',
      () =>
        testProcess(trial)
          .when(opened)
          .then({ schedules: ['over'] }),
      /commands/,
    ],
    [
      'a timer that is not expected',
      () =>
        testProcess(trial)
          .when(opened)
          .then({ commands: ['mail'] }),
      /timers/,
    ],
    [
      'another time',
      () =>
        testProcess(trial)
          .when(opened)
          .then({ commands: ['mail'], schedules: [{ name: 'over', afterMs: 1 }] }),
      /timers/,
    ],
    ['a timer that is gone', () => testProcess(trial).given(opened).when(paid).then({}), /over/],
    [
      'other events',
      () =>
        testProcess(trial)
          .given(opened)
          .when({ timeout: 'over' })
          .then({ compensates: true, emits: [{ type: 'account.lost' }], ends: 'never paid' }),
      /emits/,
    ],
    [
      'compensation that is not expected',
      () =>
        testProcess(trial)
          .given(opened)
          .when({ timeout: 'over' })
          .then({ emits: [{ type: 'account.closed' }], ends: 'never paid' }),
      /compensates/,
    ],
    [
      'an end that is not expected',
      () => testProcess(trial).given(opened).when({ type: 'account.closed', data: {} }).then({}),
      /ends: closed/,
    ],
    [
      'no end',
      () =>
        testProcess(trial)
          .given(opened)
          .when(paid)
          .then({ cancels: ['over'], ends: 'paid' }),
      /goes on/,
    ],
    ['another state', () => testProcess(trial).given(opened).expect({ paid: true }), /paid/],
    [
      'a timer that does not wait',
      () => testProcess(trial).given(opened, paid).when({ timeout: 'over' }),
      /no timer over waits/,
    ],
    ['a failure of no instance', () => testProcess(trial).when({ failure: 'mail' }), /no instance/],
    [
      'an event of another instance',
      () =>
        testProcess(trial)
          .given(opened)
          .when({ ...paid, aggregateId: 'other' }),
      /belongs to the instance other/,
    ],
    [
      'a state that is changed',
      () => testProcess(deciding((_, state) => ((state.n = 1), {}))).when(opened),
      /handle changed its state/,
    ],
    ['a promise', () => testProcess(deciding(() => Promise.resolve({}) as never)).when(opened), /promise/],
    [
      'a command that is not declared',
      () => testProcess(deciding(() => ({ commands: { name: 'x' } }))).when(opened),
      /declares/,
    ],
    [
      'a timer without time',
      () => testProcess(deciding(() => ({ schedule: { name: 'x' } as never }))).when(opened),
      /afterMs/,
    ],
  ])('fails at %s', (_, scenario, says) => expect(scenario).toThrow(says));

  it('fails where it is awaited', async () => {
    const decided = testProcess(trial).when(opened) as unknown as Promise<void>;
    await expect(Promise.resolve(decided)).rejects.toThrow(/do not await/);
  });
});
