import { describe, expect, it } from '@jest/globals';
import { createInMemoryStore } from '../index.ts';
import { describeDeadLetters, describeEventStore, describeFollow, describeSubscriptions } from '../contract/index.ts';

describeEventStore('The in-memory store', { open: async () => createInMemoryStore() });
describeFollow('The in-memory store', { open: async () => createInMemoryStore() });
describeSubscriptions('The in-memory store', { open: async () => createInMemoryStore() });
describeDeadLetters('The in-memory store', { open: async () => createInMemoryStore() });

const order = { type: 'order', id: '1' };
const placed = { type: 'order.placed', data: {} };

describe('createInMemoryStore', () => {
  it('takes its time from the clock that it was given', async () => {
    const store = createInMemoryStore({ clock: { now: () => Date.UTC(2024, 0, 1) } });
    await store.append(order, placed);
    const { events } = await store.load(order);
    expect(events[0]).toMatchObject({ timestamp: '2024-01-01T00:00:00.000Z', recordedAt: '2024-01-01T00:00:00.000Z' });
  });

  it('records no event before an earlier one when the clock is set back', async () => {
    let now = Date.UTC(2024, 0, 2);
    const store = createInMemoryStore({ clock: { now: () => now } });
    await store.append(order, placed);
    now = Date.UTC(2024, 0, 1);
    await store.append(order, placed);
    const { events } = await store.load(order);
    expect(events.map(({ recordedAt }) => recordedAt)).toEqual(Array(2).fill('2024-01-02T00:00:00.000Z'));
  });

  it('takes message ids from the source that it was given', async () => {
    let n = 0;
    const store = createInMemoryStore({ newMessageId: () => `id-${++n}` });
    const { events } = await store.append(order, [placed, placed]);
    expect(events.map(({ messageId }) => messageId)).toEqual(['id-1', 'id-2']);
  });

  it('forgets an idempotency key when its time is over', async () => {
    let now = 0;
    const store = createInMemoryStore({ clock: { now: () => now }, idempotencyTtlMs: 1_000 });
    const append = () => store.append(order, placed, { idempotencyKey: 'key' });
    await append();
    now = 999;
    expect((await append()).repeated).toBe(true);
    now = 1_000;
    expect((await append()).heads[0]!.version).toBe(2);
  });

  it('takes events up to the size that it was given', async () => {
    const store = createInMemoryStore({ maxPayloadBytes: 400 });
    await store.append(order, { type: 'order.placed', data: 'x'.repeat(50) });
    const append = store.append(order, { type: 'order.placed', data: 'x'.repeat(400) });
    await expect(append).rejects.toMatchObject({ code: 'payload-too-large', limitBytes: 400 });
  });

  it('names positions by the stream that it was given', async () => {
    const store = createInMemoryStore({ stream: 'ORDERS' });
    const { events } = await store.append(order, placed);
    expect(events[0]!.position).toEqual({ stream: 'ORDERS', sequence: 1 });
  });

  it('shares nothing with another one', async () => {
    await createInMemoryStore().append(order, placed);
    expect(await createInMemoryStore().exists(order)).toBe(false);
  });
});
