// The snippets of docs/guides/testing.md that need no server: each region stands there word for word.
import { readFileSync } from 'node:fs';
import { describe, expect, it, jest } from '@jest/globals';

// #region in-memory
import { createInMemoryStore } from '../index.ts';

const store = createInMemoryStore();
await store.append(
  { type: 'user', id: 'u1' },
  { type: 'user.created', data: { name: 'Ada' } },
  { expectedVersion: 'none' },
);
// #endregion

const mails: string[] = [];
const sendWelcome = async (name: string): Promise<void> => {
  if (name === '') throw new Error('nobody to greet');
  mails.push(name);
};

// #region subscriber
import type { EventHandler } from '@annals/core';
import { whenIdle } from '../index.ts';

const welcome: EventHandler = async (event) => {
  const { name } = event.data as { name: string };
  await sendWelcome(name);
};

it('greets new users, once each', async () => {
  const store = createInMemoryStore();
  const wanted = { name: 'welcome-mail', filter: { eventTypes: ['user.created'] } };
  await store.subscriptions.subscribe(wanted, welcome);

  await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: { name: 'Ada' } });
  await whenIdle(store, 'welcome-mail');
  expect(mails).toEqual(['Ada']);

  await store.subscriptions.rewind('welcome-mail', 'beginning'); // as after a crash
  await whenIdle(store, 'welcome-mail');
  expect(mails).toEqual(['Ada', 'Ada']); // not idempotent yet
});
// #endregion

// #region dead-letter
it('gives up on users without a name', async () => {
  const store = createInMemoryStore();
  await store.subscriptions.subscribe({ name: 'welcome-mail', maxDeliver: 3, backoffMs: [0] }, welcome);

  await store.append({ type: 'user', id: 'u2' }, { type: 'user.created', data: { name: '' } });
  const { deadLetters } = await whenIdle(store, 'welcome-mail');
  expect(deadLetters).toBe(1);

  const { letters } = await store.deadLetters.list({ subscription: 'welcome-mail' });
  expect(letters[0]).toMatchObject({ kind: 'attempts-exhausted', attempts: 3, reason: 'nobody to greet' });
});
// #endregion

// #region backoff
it('tries again after a second, then after five', async () => {
  jest.useFakeTimers();
  const store = createInMemoryStore();
  const attempts: number[] = [];
  await store.subscriptions.subscribe({ name: 'welcome-mail' }, (_event, { attempt }) => {
    attempts.push(attempt);
    throw new Error('no mail server');
  });

  await store.append({ type: 'user', id: 'u3' }, { type: 'user.created', data: { name: 'Bob' } });
  await jest.advanceTimersByTimeAsync(1_000 + 5_000);
  expect(attempts).toEqual([1, 2, 3]);
  jest.useRealTimers();
});
// #endregion

// #region aggregate
import { defineAggregate } from '@annals/core';
import { testAggregate } from '../index.ts';

class DoorIsOpen extends Error {}

const door = defineAggregate({
  type: 'door',
  initialState: { isOpen: false },
  evolve: (_, event) => ({ isOpen: event.type === 'door.opened' }),
  decide: (command: 'open' | 'close', { isOpen }) => {
    if (command === 'close') return isOpen ? { type: 'door.closed', data: {} } : [];
    if (isOpen) throw new DoorIsOpen('close it first');
    return { type: 'door.opened', data: {} };
  },
});

it('opens what is closed', () => {
  testAggregate(door).given().when('open').then({ type: 'door.opened' }).expect({ isOpen: true });
  testAggregate(door).given({ type: 'door.opened', data: {} }).when('open').then(DoorIsOpen);
  testAggregate(door).given().when('close').then([]);
});
// #endregion

// #region migrations
import { EventRegistry } from '@annals/core';
import { testMigrations } from '../index.ts';

const registry = new EventRegistry().registerMigration('user.moved', 1, 2, { rename: { town: 'city' } });

it('reads old addresses', () => {
  testMigrations(registry)
    .given({ type: 'user.moved', schemaVersion: 1, data: { town: 'Bern' } })
    .expect({ type: 'user.moved', schemaVersion: 2, data: { city: 'Bern' } });
});
// #endregion

describe('docs/guides/testing.md', () => {
  it('shows code that this test runs', async () => {
    const page = readFileSync(new URL('../../../../docs/guides/testing.md', import.meta.url), 'utf8');
    const source = readFileSync(new URL(import.meta.url), 'utf8');
    const shown = [...page.matchAll(/<!-- snippet: (\S+) -->\n\n```ts\n([^]*?)```/g)];
    const tested = [...source.matchAll(/^\/\/ #region (\S+)\n([^]*?)^\/\/ #endregion/gm)];
    const asShown = (code: string) => code.replaceAll("'../index.ts'", "'@annals/testing'").trim();
    expect(tested.length).toBeGreaterThan(3);
    expect(Object.fromEntries(shown.map(([, name, code]) => [name, code!.trim()]))).toEqual(
      Object.fromEntries(tested.map(([, name, code]) => [name, asShown(code!)])),
    );
    expect(await store.currentVersion({ type: 'user', id: 'u1' })).toBe(1);
  });
});
