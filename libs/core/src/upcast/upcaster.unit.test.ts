import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type RecordedEvent, UpcastFailed, Upcaster, isUpcastFailed, splitInto } from '../index.ts';

function stored(schemaVersion: number, data: unknown = {}, type = 'user.moved'): RecordedEvent {
  return {
    messageId: 'm1',
    type,
    data,
    timestamp: '2026-01-01T00:00:00Z',
    tenantId: 'default',
    aggregateType: 'user',
    aggregateId: 'u1',
    version: 3,
    schemaVersion,
    position: { stream: 'EVENTS', sequence: 7 },
    recordedAt: '2026-01-01T00:00:00Z',
  };
}

function chain(
  ...steps: readonly (readonly [from: number, to: number, migrate: (data: never) => unknown])[]
): Upcaster {
  const upcaster = new Upcaster();
  for (const [from, to, migrate] of steps) upcaster.register({ eventType: 'user.moved', from, to, migrate });
  return upcaster;
}

const add =
  (field: string) =>
  (data: object): unknown => ({ ...data, [field]: true });

describe('upcasting', () => {
  it('leads through every step to the current version', () => {
    const upcaster = chain([1, 2, add('two')], [2, 3, add('three')]);
    expect(upcaster.upcast(stored(1, { one: 1 }))).toEqual(stored(3, { one: 1, two: true, three: true }));
    expect(upcaster.upcast(stored(2))).toEqual(stored(3, { three: true }));
  });

  it('leaves alone what is current, newer, or of another type', () => {
    const upcaster = chain([1, 2, add('two')]);
    for (const event of [stored(2), stored(9), stored(1, {}, 'user.named')]) expect(upcaster.upcast(event)).toBe(event);
  });

  it('shows the migration the stored event', () => {
    const upcaster = new Upcaster();
    const seen: RecordedEvent[] = [];
    const migrate = (data: never, event: RecordedEvent): unknown => (seen.push(event), data);
    upcaster.register({ eventType: 'user.moved', from: 1, to: 2, migrate });
    const event = stored(1);
    upcaster.upcast(event);
    expect(seen).toEqual([event]);
  });

  it('lands on the current version from every stored one, in as many steps as there are between them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), fc.nat(), (current, seed) => {
        const steps = Array.from({ length: current - 1 }, (_, i) => [i + 1, i + 2, (n: number) => n + 1] as const);
        const upcaster = chain(...steps);
        const from = 1 + (seed % current);
        const event = upcaster.upcast(stored(from, 0)) as RecordedEvent;
        expect([event.schemaVersion, event.data]).toEqual([current, current - from]);
        expect(upcaster.problems()).toEqual([]);
      }),
    );
  });

  it('makes several events of one, which share version and position and say which they are', () => {
    const upcaster = chain(
      [1, 2, () => splitInto({ data: 'a' }, { type: 'user.called', data: 'b' })],
      [2, 3, (s) => s + '!'],
    );
    const base = stored(1);
    expect(upcaster.upcast(base)).toEqual([
      { ...base, data: 'a!', schemaVersion: 3, part: { index: 1, of: 2 } },
      { ...base, type: 'user.called', data: 'b', schemaVersion: 1, part: { index: 2, of: 2 } },
    ]);
  });

  it('splits parts again, in place', () => {
    const upcaster = chain(
      [1, 2, () => splitInto({ data: 1 }, { data: 2 })],
      [2, 3, (n: number) => (n === 1 ? splitInto({ data: 10 }, { data: 11 }) : n)],
    );
    const parts = upcaster.upcast(stored(1)) as RecordedEvent[];
    expect(parts.map(({ data, part }) => [data, part])).toEqual([
      [10, { index: 1, of: 3 }],
      [11, { index: 2, of: 3 }],
      [2, { index: 3, of: 3 }],
    ]);
  });

  it('makes none of an event that no longer means anything', () => {
    expect(chain([1, 2, () => splitInto()]).upcast(stored(1))).toEqual([]);
  });

  it('ends an event that would split for ever', () => {
    const upcaster = new Upcaster();
    const other = (type: string) => () => splitInto({ type, data: {}, schemaVersion: 1 });
    upcaster.register({ eventType: 'a', from: 1, to: 2, migrate: other('b') });
    upcaster.register({ eventType: 'b', from: 1, to: 2, migrate: other('a') });
    expect(() => upcaster.upcast(stored(1, {}, 'a'))).toThrow(/more than 1000 steps/);
  });

  it.each<[string, () => unknown, RegExp]>([
    [
      'throws',
      () => {
        throw new RangeError('too far');
      },
      /the migration to 2 threw RangeError: too far/,
    ],
    ['returns a promise', () => Promise.resolve({}), /returned a promise/],
    ['returns nothing', () => undefined, /returned nothing/],
  ])('names event, version and position when a migration %s', (_, migrate, says) => {
    const upcast = (): unknown => chain([1, 2, migrate]).upcast(stored(1));
    expect(upcast).toThrow(says);
    expect(upcast).toThrow(
      expect.objectContaining({
        eventType: 'user.moved',
        version: 3,
        position: { stream: 'EVENTS', sequence: 7 },
        schemaVersion: 1,
      }),
    );
    try {
      upcast();
    } catch (error) {
      expect(isUpcastFailed(error) && error instanceof UpcastFailed).toBe(true);
    }
  });

  it('fails for a stored version that no step begins at', () => {
    expect(() => chain([2, 3, add('x')]).upcast(stored(1))).toThrow(/there is no migration to version 3/);
  });
});

describe('registering migrations', () => {
  it.each<[string, Parameters<Upcaster['register']>[0], string]>([
    ['goes back', { eventType: 'a', from: 2, to: 1, migrate: add('x') }, 'to'],
    ['goes nowhere', { eventType: 'a', from: 2, to: 2, migrate: add('x') }, 'to'],
    ['begins before the first version', { eventType: 'a', from: 0, to: 1, migrate: add('x') }, 'from'],
    ['has no function', { eventType: 'a', from: 1, to: 2, migrate: undefined as never }, 'migrate'],
    ['has no type', { eventType: '', from: 1, to: 2, migrate: add('x') }, 'eventType'],
  ])('refuses one that %s', (_, migration, path) => {
    expect(() => new Upcaster().register(migration)).toThrow(
      expect.objectContaining({ code: 'validation-failed', errors: [expect.objectContaining({ path })] }),
    );
  });

  it('refuses a second one from the same version', () => {
    const upcaster = chain([1, 2, add('x')]);
    expect(() => upcaster.register({ eventType: 'user.moved', from: 1, to: 3, migrate: add('y') })).toThrow(
      /has a migration already/,
    );
  });

  it('finds gaps', () => {
    const gap = { path: 'migrations.user.moved', message: expect.stringContaining('has a gap') };
    expect(chain([1, 2, add('x')], [3, 4, add('y')]).problems()).toEqual([gap]);
    const declared = chain([1, 2, add('x')]);
    declared.declare('user.moved', 3);
    expect(declared.problems()).toEqual([gap]);
    const fromTwo = chain([2, 3, add('x')]);
    fromTwo.declare('user.moved', 3);
    expect(fromTwo.problems()).toEqual([gap]);
    fromTwo.declare('user.moved', 3, 2);
    expect(fromTwo.problems()).toEqual([]);
  });

  it('finds steps past the declared version', () => {
    const upcaster = chain([1, 2, add('x')], [2, 3, add('y')]);
    upcaster.declare('user.moved', 2);
    expect(upcaster.problems()).toEqual([
      { path: 'migrations.user.moved', message: expect.stringContaining('past the declared version 2') },
    ]);
  });

  it('tells the way from each stored version', () => {
    const upcaster = chain([2, 3, add('x')]);
    expect([1, 2, 3, 4].map((version) => upcaster.wayFrom('user.moved', version))).toEqual([
      'no-way',
      'migrates',
      'current',
      'newer',
    ]);
    expect(upcaster.wayFrom('other', 7)).toBe('current');
  });
});
