import { beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryStore } from '@annals/testing';
import * as fc from 'fast-check';
import {
  AggregateRepository,
  ConcurrencyError,
  type EventStore,
  EventRegistry,
  type NewEvent,
  type RecordedEvent,
  type Snapshots,
  defineAggregate,
  splitInto,
  withRegistry,
} from '../index.ts';

interface Account {
  readonly balance: number;
  readonly closed: boolean;
}
type Command = { readonly pay: number } | { readonly close: true };

class Refused extends Error {}

const account = defineAggregate<Account, RecordedEvent, Command>({
  type: 'account',
  initialState: { balance: 0, closed: false },
  evolve: (state, event) =>
    event.type === 'account.closed'
      ? { ...state, closed: true }
      : { ...state, balance: state.balance + (event.data as number) },
  decide: (command, state) => {
    if (state.closed) throw new Refused('the account is closed');
    if ('close' in command) return [{ type: 'account.closed', data: null }];
    return command.pay === 0 ? [] : { type: 'account.paid', data: command.pay };
  },
  snapshots: { everyEvents: 5 },
});

const paid = (data: number): NewEvent => ({ type: 'account.paid', data });
const ref = { type: 'account', id: 'a1' };

describe('a repository of aggregates', () => {
  let store: EventStore;
  let warnings: string[];
  let repository: AggregateRepository<Account, RecordedEvent, Command>;

  const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => void warnings.push(text) };

  beforeEach(() => {
    store = createInMemoryStore();
    warnings = [];
    repository = new AggregateRepository(store, account, { snapshots: store.snapshots, logger });
  });

  it('loads the initial state of an aggregate without events', async () => {
    expect(await repository.load('a1')).toEqual({ state: { balance: 0, closed: false }, version: 0 });
  });

  it('executes commands one upon the other', async () => {
    expect(await repository.execute('a1', { pay: 5 })).toMatchObject({ state: { balance: 5 }, version: 1 });
    const { result, ...second } = await repository.execute('a1', { pay: 7 });
    expect(second).toEqual({ state: { balance: 12, closed: false }, version: 2 });
    expect(result?.events).toMatchObject([{ type: 'account.paid', version: 2 }]);
  });

  it('appends nothing for a command that changes nothing', async () => {
    expect(await repository.execute('a1', { pay: 0 })).toEqual({
      state: { balance: 0, closed: false },
      version: 0,
      result: undefined,
    });
    expect(await store.exists(ref)).toBe(false);
  });

  it('passes on what the decider refuses', async () => {
    await repository.execute('a1', { close: true });
    await expect(repository.execute('a1', { pay: 1 })).rejects.toBeInstanceOf(Refused);
    expect(await store.currentVersion(ref)).toBe(1);
  });

  it('decides anew when others were faster, so that no command is lost', async () => {
    await Promise.all(Array.from({ length: 8 }, () => repository.execute('a1', { pay: 1 }, { retries: 100 })));
    expect(await repository.load('a1')).toEqual({ state: { balance: 8, closed: false }, version: 8 });
  });

  it('gives up after its retries, and at once where the caller expects a version', async () => {
    const busy = withAppend(store, () => Promise.reject(new ConcurrencyError({ ...ref, tenantId: 'default' }, 0, 1)));
    let tries = 0;
    const counted = new AggregateRepository(
      withAppend(busy.store, (...args) => (tries++, busy.append(...args))),
      account,
    );
    await expect(counted.execute('a1', { pay: 1 }, { retries: 2 })).rejects.toMatchObject({
      code: 'concurrency-conflict',
    });
    expect(tries).toBe(3);
    await repository.execute('a1', { pay: 1 });
    await expect(repository.execute('a1', { pay: 1 }, { expectedVersion: 'none' })).rejects.toMatchObject({
      code: 'concurrency-conflict',
    });
    await expect(repository.execute('a1', { pay: 1 }, { retries: -1 })).rejects.toMatchObject({
      errors: [{ path: 'retries' }],
    });
  });

  it('loads earlier states by version and time', async () => {
    await store.append(
      ref,
      [1, 2, 3].map((n) => ({ ...paid(n), timestamp: `2026-01-0${n}T00:00:00Z` })),
    );
    const balanceAt = async (moment: Parameters<typeof repository.loadAt>[1]): Promise<[number, number]> => {
      const { state, version } = await repository.loadAt('a1', moment);
      return [state.balance, version];
    };
    expect(await balanceAt({ version: 0 })).toEqual([0, 0]);
    expect(await balanceAt({ version: 2 })).toEqual([3, 2]);
    expect(await balanceAt({ version: 9 })).toEqual([6, 3]);
    expect(await balanceAt({ asOf: '2025-12-31T00:00:00Z' })).toEqual([0, 0]);
    expect(await balanceAt({ asOf: '2026-01-02T00:00:00Z' })).toEqual([3, 2]);
    await expect(balanceAt({ version: -1 })).rejects.toMatchObject({ code: 'validation-failed' });
    await expect(balanceAt({ asOf: 'yesterday' })).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('gives events what caller and surroundings say of them, the decider first', async () => {
    const own = new AggregateRepository(
      store,
      defineAggregate<null, RecordedEvent, null>({
        type: 'note',
        initialState: null,
        evolve: () => null,
        decide: () => ({ type: 'note.made', data: 1, userId: 'decider' }),
      }),
      { defaults: () => ({ correlationId: 'ambient', causationId: 'cause', userId: 'ambient' }) },
    );
    await own.execute('n1', null, { userId: 'caller', correlationId: 'given', tags: ['t'] });
    const { events } = await store.load({ type: 'note', id: 'n1' });
    expect(events[0]).toMatchObject({ userId: 'decider', correlationId: 'given', causationId: 'cause', tags: ['t'] });
  });

  it.each<[string, () => unknown, RegExp]>([
    ['returns a promise', () => Promise.resolve([]), /returned a promise/],
    ['returns nothing', () => undefined, /returned undefined/],
    ['returns a text', () => 'x', /returned x/],
    ['returns a list with nothing in it', () => [null], /holds something that is no event/],
  ])('refuses a decider that %s', async (_, decide, says) => {
    const wrong = defineAggregate<null, RecordedEvent, null>({
      type: 'account',
      initialState: null,
      evolve: () => null,
      decide: decide as never,
    });
    await expect(new AggregateRepository(store, wrong).execute('a1', null)).rejects.toMatchObject({
      code: 'decider-failed',
      message: expect.stringMatching(says),
    });
  });

  it('names the event on which evolving fails', async () => {
    await store.append(ref, paid(1));
    const wrong = defineAggregate<number>({
      type: 'account',
      initialState: 0,
      evolve: () => {
        throw new RangeError('no');
      },
    });
    await expect(new AggregateRepository(store, wrong).load('a1')).rejects.toMatchObject({
      code: 'reducer-failed',
      version: 1,
    });
  });

  describe('with snapshots', () => {
    it('takes one when its policy says so, and loads from it', async () => {
      await store.append(ref, [1, 2, 3, 4].map(paid));
      await repository.load('a1');
      await repository.settled();
      expect(await store.snapshots.get(ref)).toBeUndefined();
      await store.append(ref, paid(5));
      await repository.load('a1');
      await repository.settled();
      expect(await store.snapshots.get(ref)).toMatchObject({ version: 5, state: { balance: 15 } });
      await store.append(ref, paid(6));
      const read = countReads(store);
      const fresh = new AggregateRepository(read.store, account, { snapshots: store.snapshots });
      expect(await fresh.load('a1')).toEqual({ state: { balance: 21, closed: false }, version: 6 });
      // The snapshot's own event, to know the history, and the one behind it.
      expect(read.versions).toEqual([5, 6]);
    });

    it('takes one on demand', async () => {
      expect(await repository.takeSnapshot('a1')).toBeUndefined();
      await store.append(ref, paid(1));
      expect(await repository.takeSnapshot('a1')).toBe(1);
      expect(await repository.takeSnapshot('a1')).toBeUndefined();
      await expect(new AggregateRepository(store, account).takeSnapshot('a1')).rejects.toMatchObject({
        errors: [{ path: 'snapshots' }],
      });
    });

    it('takes one by age', async () => {
      const aging = defineAggregate<Account, RecordedEvent, Command>({ ...account, snapshots: { maxAgeMs: 1_000 } });
      let now = Date.parse('2026-01-01T00:00:00Z');
      const aged = new AggregateRepository(store, aging, { snapshots: store.snapshots, clock: { now: () => now } });
      const versionAfterLoad = async (): Promise<number | undefined> => {
        await aged.load('a1');
        await aged.settled();
        return (await store.snapshots.get(ref))?.version;
      };
      await store.append(ref, paid(1));
      expect(await versionAfterLoad()).toBe(1);
      await store.append(ref, paid(1));
      expect(await versionAfterLoad()).toBe(1);
      now += 1_000;
      expect(await versionAfterLoad()).toBe(2);
    });

    it('passes over one of versions that do not exist, with a warning', async () => {
      await store.append(ref, [paid(1), paid(2)]);
      await put({ version: 7, state: { balance: 999, closed: false } });
      expect(await repository.load('a1')).toMatchObject({ state: { balance: 3 }, version: 2 });
      expect(warnings).toEqual([expect.stringContaining('there is no such version')]);
    });

    it('passes over one of another history', async () => {
      const hashed = withHashes(store);
      await store.append(ref, [paid(1), paid(2)]);
      await put({ version: 2, state: { balance: 999, closed: false }, hash: 'other' });
      const wary = new AggregateRepository(hashed, account, { snapshots: store.snapshots, logger });
      expect(await wary.load('a1')).toMatchObject({ state: { balance: 3 }, version: 2 });
      expect(warnings).toEqual([expect.stringContaining('another history')]);
    });

    it('passes over one of another state version unless it can be migrated', async () => {
      await store.append(ref, [paid(1), paid(2)]);
      await put({ version: 1, state: { sum: 1 }, stateVersion: 1 });
      const second = defineAggregate<Account, RecordedEvent, Command>({ ...account, stateVersion: 2 });
      expect(
        await new AggregateRepository(store, second, { snapshots: store.snapshots, logger }).load('a1'),
      ).toMatchObject({
        state: { balance: 3 },
      });
      expect(warnings).toEqual([expect.stringContaining('its state version 1 is not 2')]);
      const migrating = defineAggregate<Account, RecordedEvent, Command>({
        ...second,
        migrateState: (state) => ({ balance: 100 + (state as { sum: number }).sum, closed: false }),
      });
      expect(await new AggregateRepository(store, migrating, { snapshots: store.snapshots }).load('a1')).toMatchObject({
        state: { balance: 103 },
        version: 2,
      });
    });

    it('passes over one whose migration throws', async () => {
      await store.append(ref, [paid(1), paid(2)]);
      await put({ version: 1, state: null, stateVersion: 1 });
      const throwing = defineAggregate<Account, RecordedEvent, Command>({
        ...account,
        stateVersion: 2,
        migrateState: (state) => ({ balance: (state as Account).balance, closed: false }),
      });
      const wary = new AggregateRepository(store, throwing, { snapshots: store.snapshots, logger });
      expect(await wary.load('a1')).toMatchObject({ state: { balance: 3 }, version: 2 });
      expect(warnings).toEqual([expect.stringContaining('migrateState threw TypeError')]);
    });

    it('folds the events where snapshots cannot be read or kept', async () => {
      await store.append(ref, [1, 2, 3, 4, 5].map(paid));
      const down = { get: () => Promise.reject(new Error('down')), put: () => Promise.reject(new Error('down')) };
      const bare = new AggregateRepository(store, account, { snapshots: down as unknown as Snapshots, logger });
      expect(await bare.load('a1')).toMatchObject({ state: { balance: 15 } });
      await bare.settled();
      expect(warnings).toEqual([
        expect.stringContaining('cannot be read'),
        expect.stringContaining('could not be kept'),
      ]);
    });

    it('loads the same as without, whatever was appended and whenever it was taken', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 30 }),
          fc.nat(30),
          async (amounts, at) => {
            const own = createInMemoryStore();
            const id = 'p';
            for (const [i, amount] of amounts.entries()) {
              await own.append({ type: 'account', id }, paid(amount));
              if (i === at) await new AggregateRepository(own, account, { snapshots: own.snapshots }).takeSnapshot(id);
            }
            const withThem = await new AggregateRepository(own, account, { snapshots: own.snapshots }).load(id);
            expect(withThem).toEqual(await new AggregateRepository(own, account).load(id));
          },
        ),
        { numRuns: 40 },
      );
    });

    const put = (snapshot: {
      version: number;
      state: unknown;
      hash?: string;
      stateVersion?: number;
    }): Promise<boolean> =>
      store.snapshots.put({
        aggregate: { ...ref, tenantId: 'default' },
        stateVersion: 1,
        takenAt: '2026-01-01T00:00:00Z',
        ...snapshot,
      });
  });

  it('counts the versions of stored events that a migration makes none of', async () => {
    await store.append(ref, [paid(1), paid(2), { type: 'account.pinged', data: {} }]);
    const registry = new EventRegistry().registerMigration('account.pinged', 1, 2, () => splitInto()).seal();
    const migrated = new AggregateRepository(withRegistry(store, registry), account, { snapshots: store.snapshots });
    expect(await migrated.load('a1')).toEqual({ state: { balance: 3, closed: false }, version: 3 });
    expect(await migrated.takeSnapshot('a1')).toBe(3);
    expect(await migrated.load('a1')).toEqual({ state: { balance: 3, closed: false }, version: 3 });
    expect(await migrated.loadAt('a1', { version: 3 })).toMatchObject({ version: 3 });
    expect(await migrated.execute('a1', { pay: 4 })).toMatchObject({ state: { balance: 7 }, version: 4 });
  });
});

type Append = EventStore['append'];

function withAppend(store: EventStore, append: Append): EventStore & { store: EventStore } {
  return proxied(store, { append, store }) as EventStore & { store: EventStore };
}

/** The in-memory store has no hash chain. */
function withHashes(store: EventStore): EventStore {
  const readAggregate: EventStore['readAggregate'] = (...args) => {
    const events = store.readAggregate(...args);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const event of events) yield { ...event, hash: `h${event.version}` };
      },
      retainedFromVersion: undefined,
    };
  };
  return proxied(store, { readAggregate });
}

function countReads(store: EventStore): { store: EventStore; versions: number[] } {
  const versions: number[] = [];
  const readAggregate: EventStore['readAggregate'] = (...args) => {
    const events = store.readAggregate(...args);
    return {
      async *[Symbol.asyncIterator]() {
        for await (const event of events) {
          versions.push(event.version!);
          yield event;
        }
      },
      retainedFromVersion: undefined,
    };
  };
  const load: EventStore['load'] = () => Promise.reject(new Error('everything is read'));
  return { store: proxied(store, { readAggregate, load }), versions };
}

function proxied(store: EventStore, replaced: object): EventStore {
  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(replaced, name)) return (replaced as Record<PropertyKey, unknown>)[name];
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
