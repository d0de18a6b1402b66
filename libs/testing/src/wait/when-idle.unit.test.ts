import { describe, expect, it } from '@jest/globals';
import { createInMemoryStore } from '../in-memory/in-memory-store.ts';
import { whenIdle } from './when-idle.ts';

const order = { type: 'order', id: '1' };
const placed = { type: 'order.placed', data: {} };

describe('whenIdle', () => {
  it('waits until all that is stored is handled, and tells the status', async () => {
    const store = createInMemoryStore();
    const handled: number[] = [];
    await store.subscriptions.subscribe({ name: 'mail' }, async ({ version }) => {
      await new Promise((resolve) => setImmediate(resolve));
      handled.push(version!);
    });
    await store.append(order, [placed, placed, placed]);
    expect(await whenIdle(store, 'mail')).toMatchObject({ name: 'mail', state: 'live', pending: 0, ackPending: 0 });
    expect(handled).toEqual([1, 2, 3]);
  });

  it('waits for dead letters that are redriven', async () => {
    const store = createInMemoryStore();
    await store.append(order, placed);
    const rejecting = await store.subscriptions.subscribe({ name: 'mail' }, (_, { deadLetter }) => deadLetter('no'));
    await whenIdle(store, 'mail');
    await rejecting.stop();
    await store.deadLetters.redrive({ subscription: 'mail' });
    const waiting = whenIdle(store, 'mail', { deadlineMs: 50 });
    await expect(waiting).rejects.toThrow('Not within 50 ms: mail is live: 0 pending, 0 in hand, 1 to redeliver');
  });

  it('says what is still to do when the deadline is over', async () => {
    const store = createInMemoryStore();
    await store.append(order, [placed, placed]);
    await store.subscriptions.create({ name: 'mail' });
    const waiting = whenIdle(store, 'mail', { deadlineMs: 50 });
    await expect(waiting).rejects.toThrow('Not within 50 ms: mail is catching-up: 2 pending');
    const unknown = whenIdle(store, 'nobody', { deadlineMs: 50 });
    await expect(unknown).rejects.toMatchObject({ cause: { code: 'subscription-not-found' } });
  });
});
