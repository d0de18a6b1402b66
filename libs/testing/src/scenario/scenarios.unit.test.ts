import { describe, expect, it } from '@jest/globals';
import { EventRegistry, type NewEvent, type RecordedEvent, defineAggregate, splitInto } from '@annals/core';
import { testAggregate } from './aggregate-scenario.ts';
import { testMigrations } from './upcast-scenario.ts';

interface Door {
  readonly open: boolean;
}
class Locked extends Error {}
type Act = 'open' | 'close' | 'nothing';

const door = defineAggregate<Door, RecordedEvent, Act>({
  type: 'door',
  initialState: { open: false },
  evolve: (_, event) => ({ open: event.type === 'door.opened' }),
  decide: (act, state) => {
    if (act === 'open' && state.open) throw new Locked('it is open');
    return act === 'nothing' ? [] : { type: `door.${act === 'open' ? 'opened' : 'closed'}`, data: { by: 'me' } };
  },
});
const opened = { type: 'door.opened', data: {} };

describe('a scenario of an aggregate', () => {
  it('passes where events, refusal and state are as expected', () => {
    testAggregate(door)
      .given()
      .when('open')
      .then([{ type: 'door.opened', data: { by: 'me' } }])
      .expect({ open: true });
    testAggregate(door).given(opened).when('close').then({ type: 'door.closed' });
    testAggregate(door).given(opened).when('nothing').then([]);
    for (const refusal of [Locked, /is open/, { message: 'it is open' }, new Locked('it is open')]) {
      testAggregate(door).given(opened).when('open').then(refusal);
    }
    testAggregate(door).given(opened).expect({ open: true });
    testAggregate(door).given(opened).given({ type: 'door.closed', data: {} }).expect({ open: false });
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'other events',
      () =>
        testAggregate(door)
          .when('open')
          .then([{ type: 'door.closed' }]),
      /not as expected: door.opened/,
    ],
    [
      'other data',
      () =>
        testAggregate(door)
          .when('open')
          .then([{ type: 'door.opened', data: 1 }]),
      /not as expected/,
    ],
    ['more events', () => testAggregate(door).when('open').then([]), /instead of none/],
    ['fewer events', () => testAggregate(door).when('nothing').then([opened]), /none instead of/],
    [
      'a refusal',
      () => testAggregate(door).given(opened).when('open').then([opened]),
      /was refused: Error: it is open/,
    ],
    ['no refusal', () => testAggregate(door).when('open').then(Locked), /was not refused/],
    ['another refusal', () => testAggregate(door).given(opened).when('open').then(RangeError), /by another error/],
    [
      'another message',
      () =>
        testAggregate(door)
          .given(opened)
          .when('open')
          .then(/closed/),
      /by another error/,
    ],
    ['another state', () => testAggregate(door).given(opened).expect({ open: false }), /open/],
    [
      'another state afterwards',
      () =>
        testAggregate(door)
          .when('open')
          .then([opened].map(({ type }) => ({ type })))
          .expect({ open: false }),
      /open/,
    ],
  ])('fails at %s', (_, scenario, says) => expect(scenario).toThrow(says));

  it('fails where it is awaited', async () => {
    await expect(Promise.resolve(testAggregate(door).when('open') as unknown as Promise<void>)).rejects.toThrow(
      /do not await/,
    );
  });

  it('gives the given events versions, times and an aggregate', () => {
    const seen: RecordedEvent[] = [];
    const spying = defineAggregate<null>({
      type: 'spy',
      initialState: null,
      evolve: (_, event) => (seen.push(event), null),
    });
    testAggregate(spying)
      .given(opened, { ...opened, userId: 'ada' })
      .expect(null);
    expect(seen).toMatchObject([
      { version: 1, aggregateType: 'spy', timestamp: '2026-01-01T00:00:00.000Z' },
      { version: 2, userId: 'ada', timestamp: '2026-01-01T00:00:01.000Z' },
    ]);
  });

  describe('fails where a function is not pure:', () => {
    const list = (decide: (command: string[], state: string[]) => NewEvent[]) =>
      defineAggregate<string[], RecordedEvent, string[]>({
        type: 'list',
        initialState: () => [],
        evolve: (state) => [...state, 'x'],
        decide,
      });

    it.each<[string, () => unknown, RegExp]>([
      [
        'evolve that changes the state',
        () =>
          testAggregate(
            defineAggregate<string[]>({
              type: 'a',
              initialState: () => [],
              evolve: (state) => (state.push('x'), state),
            }),
          )
            .given(opened)
            .expect(['x']),
        /evolve changed its state/,
      ],
      [
        'evolve that changes the event',
        () =>
          testAggregate(
            defineAggregate<number>({
              type: 'a',
              initialState: 0,
              evolve: (_, event) => ((event as { data: unknown }).data = 1),
            }),
          )
            .given(opened)
            .expect(1),
        /evolve changed its event/,
      ],
      [
        'evolve that returns a promise',
        () =>
          testAggregate(defineAggregate<unknown>({ type: 'a', initialState: 0, evolve: () => Promise.resolve(1) }))
            .given(opened)
            .expect(1),
        /evolve returned a promise/,
      ],
      [
        'decide that changes the state',
        () =>
          testAggregate(list((_, state) => (state.push('y'), [])))
            .given(opened)
            .when([])
            .then([]),
        /decide changed its state/,
      ],
      [
        'decide that changes the command',
        () =>
          testAggregate(list((command) => (command.push('y'), [])))
            .when([])
            .then([]),
        /decide changed its command/,
      ],
      [
        'decide that returns a promise',
        () =>
          testAggregate(list(() => Promise.resolve([]) as never))
            .when([])
            .then([]),
        /decide returned a promise/,
      ],
    ])('%s', (_, scenario, says) => expect(scenario).toThrow(says));
  });
});

describe('a scenario of migrations', () => {
  const registry = new EventRegistry()
    .registerMigration('user.moved', 1, 2, { rename: { town: 'city' } })
    .registerMigration('user.gone', 1, 2, () => splitInto())
    .registerMigration('user.bad', 1, 2, (data: { n: number }) => ((data.n = 2), data));

  it('passes where the events are as expected', () => {
    testMigrations(registry)
      .given({ type: 'user.moved', data: { town: 'Bern' } })
      .expect({ type: 'user.moved', schemaVersion: 2, data: { city: 'Bern' } });
    testMigrations(registry).given({ type: 'user.gone', data: 1 }).expect();
  });

  it('fails where they are not, and where a migration changes its input', () => {
    const moved = testMigrations(registry).given({ type: 'user.moved', data: { town: 'Bern' } });
    expect(() => moved.expect({ type: 'user.moved', data: { city: 'Basel' } })).toThrow(/not as expected/);
    expect(() =>
      testMigrations(registry)
        .given({ type: 'user.bad', data: { n: 1 } })
        .expect({ type: 'user.bad' }),
    ).toThrow(/a migration changed its event/);
  });
});
