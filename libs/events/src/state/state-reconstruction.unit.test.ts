import { type EventMessage, type EventStore, type RecordedEvent } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { resolveServiceOptions } from '../options/service-options.ts';
import { EventsService } from '../service/events.service.ts';
import type { ReconstructOptions } from './reconstruct-state.ts';

interface User {
  readonly name: string;
  readonly email: string;
  readonly createdAt?: string;
  readonly updatedAt?: string;
  readonly deletedAt?: string;
  readonly isDeleted?: boolean;
}

const NOBODY: User = { name: '', email: '' };

/** Merges what an event says into the state, as most reducers do. */
function userReducer(state: User, event: EventMessage<Partial<User>>): User {
  switch (event.type) {
    case 'user.created':
      return { ...state, ...event.data, createdAt: event.timestamp };
    case 'user.updated':
      return { ...state, ...event.data, updatedAt: event.timestamp };
    case 'user.deleted':
      return { ...state, deletedAt: event.timestamp, isDeleted: true };
    default:
      return state;
  }
}

const DAY = (day: number): string => `2024-01-0${day}T00:00:00Z`;

async function withUser(store: EventStore = createInMemoryStore()): Promise<EventsService> {
  const events = new EventsService(store, resolveServiceOptions({}));
  const user = { aggregateId: 'user-123', aggregateType: 'user' };
  await events.publishEvent('user.created', { name: 'Ann', email: 'ann@example.org' }, { ...user, timestamp: DAY(1) });
  // Happened before it was stored as version 2: an import that came late.
  await events.publishEvent('user.updated', { name: 'Bea' }, { ...user, timestamp: DAY(3) });
  await events.publishEvent('user.updated', { email: 'bea@example.org' }, { ...user, timestamp: DAY(2) });
  await events.publishEvent('user.deleted', {}, { ...user, timestamp: DAY(4) });
  return events;
}

describe('Event Sourcing: state reconstruction', () => {
  it('folds all events of an aggregate into its state', async () => {
    const events = await withUser();
    expect(await events.reconstructState('user-123', 'user', NOBODY, userReducer)).toEqual({
      name: 'Bea',
      email: 'bea@example.org',
      createdAt: DAY(1),
      updatedAt: DAY(2),
      deletedAt: DAY(4),
      isDeleted: true,
    });
  });

  it('is the initial state for an unknown aggregate, and in another tenant', async () => {
    const events = await withUser();
    expect(await events.reconstructState('user-9', 'user', NOBODY, userReducer)).toBe(NOBODY);
    const elsewhere = { tenantId: 'other' };
    expect(await events.reconstructStateWithVersion('user-123', 'user', NOBODY, userReducer, elsewhere)).toEqual({
      state: NOBODY,
      version: 0,
    });
  });

  it.each<[string, ReconstructOptions, Partial<User>, number]>([
    ['at its first version', { atVersion: 1 }, { name: 'Ann', email: 'ann@example.org' }, 1],
    ['at a version between', { atVersion: 2 }, { name: 'Bea', email: 'ann@example.org' }, 2],
    ['at a version still to come, which is its newest', { atVersion: 99 }, { isDeleted: true }, 4],
    ['as of a time before it began', { asOf: '2023-12-31T00:00:00Z' }, { name: '', email: '' }, 0],
    ['as of a time: what had happened by then', { asOf: DAY(2) }, { name: 'Ann', email: 'bea@example.org' }, 3],
    ['as of a Date', { asOf: new Date(DAY(1)) }, { name: 'Ann', email: 'ann@example.org' }, 1],
    ['as of a time with an offset', { asOf: '2024-01-01T01:00:00+01:00' }, { name: 'Ann' }, 1],
  ])('gives the state %s', async (_what, options, expected, version) => {
    const events = await withUser();
    const rebuilt = await events.reconstructStateWithVersion('user-123', 'user', NOBODY, userReducer, options);
    expect(rebuilt).toMatchObject({ state: expected, version });
    expect(await events.reconstructState('user-123', 'user', NOBODY, userReducer, options)).toEqual(rebuilt.state);
  });

  it('gives the version to expect when publishing upon the state', async () => {
    const events = await withUser();
    const { version } = await events.reconstructStateWithVersion('user-123', 'user', NOBODY, userReducer);
    const user = { aggregateId: 'user-123', aggregateType: 'user', expectedVersion: version };
    expect((await events.publishEvent('user.updated', {}, user)).events[0]!.version).toBe(5);
    await expect(events.publishEvent('user.updated', {}, user)).rejects.toMatchObject({ code: 'concurrency-conflict' });
  });

  it('sees an event at once that was published after an earlier fold', async () => {
    const events = await withUser();
    await events.reconstructState('user-123', 'user', NOBODY, userReducer);
    await events.publishEvent('user.updated', { name: 'Cid' }, { aggregateId: 'user-123', aggregateType: 'user' });
    expect(await events.reconstructState('user-123', 'user', NOBODY, userReducer)).toMatchObject({ name: 'Cid' });
  });

  it('folds aggregates that are too long for an array', async () => {
    const events = new EventsService(createInMemoryStore(), resolveServiceOptions({}));
    const reading = { type: 'meter.read', data: 1, aggregateId: 'm', aggregateType: 'meter' };
    for (let i = 0; i < 11; i++) await events.publishEvents(Array.from({ length: 1_000 }, () => reading));
    const sum = (total: number, event: EventMessage<number>): number => total + event.data;
    expect(await events.reconstructStateWithVersion('m', 'meter', 0, sum)).toEqual({ state: 11_000, version: 11_000 });
  });

  it('ends with the reason of an abort signal', async () => {
    const events = await withUser();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(events.reconstructState('user-123', 'user', NOBODY, userReducer, { signal })).rejects.toThrow(
      'enough',
    );
  });

  it('names the event on which a reducer throws', async () => {
    const events = await withUser();
    const fragile = (state: User, event: RecordedEvent): User => {
      if (event.type === 'user.updated') throw new TypeError('no name');
      return state;
    };
    await expect(events.reconstructState('user-123', 'user', NOBODY, fragile)).rejects.toMatchObject({
      code: 'reducer-failed',
      eventType: 'user.updated',
      version: 2,
      cause: expect.objectContaining({ message: 'no name' }),
    });
  });

  it('refuses a reducer that returns a promise', async () => {
    const events = await withUser();
    const slow = async (state: Promise<User>): Promise<User> => state;
    await expect(events.reconstructState('user-123', 'user', Promise.resolve(NOBODY), slow)).rejects.toMatchObject({
      code: 'reducer-failed',
      version: 1,
    });
  });

  it.each<[string, ReconstructOptions, string]>([
    ['a version and a time at once', { atVersion: 1, asOf: DAY(1) }, 'asOf'],
    ['version 0', { atVersion: 0 }, 'atVersion'],
    ['a fractional version', { atVersion: 1.5 }, 'atVersion'],
    ['a Date that is none', { asOf: new Date(Number.NaN) }, 'asOf'],
    ['a time that is none', { asOf: 'yesterday' }, 'timestamp'],
  ])('refuses %s', async (_what, options, path) => {
    const events = await withUser();
    await expect(events.reconstructState('user-123', 'user', NOBODY, userReducer, options)).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [{ path }],
    });
  });
});

/** A store whose aggregates have lost what was before version 3, as after a sweep. */
function swept(store: EventStore): EventStore {
  const own: Partial<EventStore> = {
    readAggregate: (aggregate, options) => retained(store.readAggregate(aggregate, options)),
    readAt: (aggregate, timestamp, options) => retained(store.readAt(aggregate, timestamp, options)),
    load: async (aggregate) => {
      const { version, events } = await store.load(aggregate);
      return { version, events: events.slice(2), retainedFromVersion: 3 };
    },
  };
  return new Proxy(store, {
    get: (target, key) => {
      const value: unknown = own[key as keyof EventStore] ?? target[key as keyof EventStore];
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}

function retained(events: AsyncIterable<RecordedEvent>) {
  let known: number | undefined;
  return {
    get retainedFromVersion() {
      return known;
    },
    async *[Symbol.asyncIterator]() {
      for await (const event of events) {
        known = 3;
        if (event.version! >= 3) yield event;
      }
      known = 3;
    },
  };
}

describe('Event Sourcing: state of an aggregate that retention shortened', () => {
  it.each<[string, ReconstructOptions]>([
    ['newest', {}],
    ['at a version', { atVersion: 4 }],
    ['at a version that is gone', { atVersion: 1 }],
    ['as of a time', { asOf: DAY(4) }],
    ['as of a time that is gone', { asOf: DAY(1) }],
  ])('is refused rather than wrong: %s', async (_what, options) => {
    const events = await withUser(swept(createInMemoryStore()));
    await expect(events.reconstructState('user-123', 'user', NOBODY, userReducer, options)).rejects.toMatchObject({
      code: 'history-incomplete',
      aggregate: { type: 'user', id: 'user-123' },
      retainedFromVersion: 3,
    });
  });

  it('is folded from what is there when the caller says that this is enough', async () => {
    const events = await withUser(swept(createInMemoryStore()));
    for (const options of [{}, { atVersion: 4 }]) {
      const rebuilt = await events.reconstructStateWithVersion('user-123', 'user', NOBODY, userReducer, {
        ...options,
        allowIncomplete: true,
      });
      expect(rebuilt).toMatchObject({
        state: { name: '', email: 'bea@example.org', isDeleted: true },
        version: 4,
        retainedFromVersion: 3,
      });
    }
  });
});
