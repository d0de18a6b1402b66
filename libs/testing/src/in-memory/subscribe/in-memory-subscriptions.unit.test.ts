import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type EventHandler, type EventStore, type RecordedEvent, SUBSCRIPTION_DEFAULTS } from '@annals/core';
import { whenIdle } from '../../wait/when-idle.ts';
import { createInMemoryStore } from '../in-memory-store.ts';

const order = { type: 'order', id: '1' };
const placed = { type: 'order.placed', data: {} };

/** A subscription's handler, and the versions that it got. */
async function subscribe(store: EventStore, handler: EventHandler = () => {}) {
  const versions: (number | undefined)[] = [];
  const active = await store.subscriptions.subscribe({ name: 'mail' }, (event: RecordedEvent, context) => {
    versions.push(event.version);
    return handler(event, context);
  });
  return { active, versions };
}

describe('subscriptions of the in-memory store', () => {
  afterEach(() => {
    jest.useRealTimers();
  });

  it('run no handler within an append, but right after it', async () => {
    const store = createInMemoryStore();
    const { versions } = await subscribe(store);
    const appending = store.append(order, [placed, placed]);
    expect(versions).toEqual([]);
    await appending;
    await Promise.resolve();
    expect(versions).toEqual([1, 2]);
  });

  it('hand over however much is stored without holding up the process', async () => {
    const store = createInMemoryStore();
    for (let i = 0; i < 5; i++) await store.append(order, Array(1_000).fill(placed));
    let turned = false;
    setImmediate(() => (turned = true));
    const turns: boolean[] = [];
    const { versions } = await subscribe(store, () => void turns.push(turned));
    await whenIdle(store, 'mail');
    expect(versions).toHaveLength(5_000);
    expect([turns[0], turns.at(-1)]).toEqual([false, true]);
  });

  it.each(['shared', 'ordered'] as const)('keep to the backoff of fake timers in mode %s', async (mode) => {
    jest.useFakeTimers();
    const store = createInMemoryStore();
    const attempts: number[] = [];
    await store.subscriptions.subscribe({ name: 'mail', mode }, (_, { attempt }) => {
      attempts.push(attempt);
      throw new Error('not now');
    });
    await store.append(order, placed);
    for (const [i, backoffMs] of SUBSCRIPTION_DEFAULTS.backoffMs.entries()) {
      await jest.advanceTimersByTimeAsync(backoffMs - 1);
      expect(attempts).toHaveLength(i + 1);
      await jest.advanceTimersByTimeAsync(1);
    }
    expect(attempts).toEqual([1, 2, 3, 4, 5]);
    expect(await store.deadLetters.count()).toBe(1);
  });

  it('are stalled when nothing was settled for a minute though events wait', async () => {
    let now = 0;
    const store = createInMemoryStore({ clock: { now: () => now } });
    await store.subscriptions.create({ name: 'mail' });
    const state = async () => (await store.subscriptions.get('mail')).state;
    now = 100_000;
    expect(await state()).toBe('live');
    await store.append(order, placed);
    now = 160_000;
    expect(await state()).toBe('catching-up');
    now = 160_001;
    expect(await state()).toBe('stalled');
    const { active } = await subscribe(store);
    await whenIdle(store, 'mail');
    await active.stop();
    now = 300_000;
    await store.append(order, placed);
    expect(await state()).toBe('catching-up');
  });

  it('refuse another mode while a process is at work', async () => {
    const store = createInMemoryStore();
    const { active } = await subscribe(store);
    const ordered = () => store.subscriptions.subscribe({ name: 'mail', mode: 'ordered' }, () => {});
    await expect(ordered()).rejects.toMatchObject({ code: 'subscription-conflict' });
    await active.stop();
    expect((await ordered()).state).toBe('active');
  });

  it('take appends of a handler that finishes while the store closes', async () => {
    const store = createInMemoryStore();
    const done: string[] = [];
    let release!: () => void;
    await subscribe(store, async () => {
      await new Promise<void>((resolve) => (release = resolve));
      await store.append({ type: 'mail', id: '1' }, { type: 'mail.sent', data: {} });
      done.push('sent');
    });
    await store.append(order, placed);
    await Promise.resolve();
    const closing = store.close().then(() => done.push('closed'));
    release();
    await closing;
    expect(done).toEqual(['sent', 'closed']);
    await expect(store.append(order, placed)).rejects.toMatchObject({ code: 'store-closed' });
  });
});
