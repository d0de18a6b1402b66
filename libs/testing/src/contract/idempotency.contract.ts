import { describe, expect, it } from '@jest/globals';
import { type ContractContext, event, numbered, range } from './contract-context.ts';

/** Idempotency keys: a repetition answers with the first result. */
export function idempotencyContract(context: ContractContext): void {
  describe('an idempotency key', () => {
    it('makes a repetition answer with the first result and store nothing', async () => {
      const order = context.aggregate();
      const options = { idempotencyKey: 'key-1', expectedVersion: 'none' } as const;
      const first = await context.append(order, numbered(2), options);
      await context.append(order, numbered(3), { expectedVersion: 2 });
      const again = await context.append(order, numbered(2), options);
      expect(first.repeated).toBe(false);
      expect(again).toEqual({ ...first, repeated: true });
      expect(await context.store.currentVersion(order)).toBe(5);
    });

    it('is known to other processes', async () => {
      const order = context.aggregate();
      const first = await context.append(order, event(), { idempotencyKey: 'shared' });
      const again = await context.otherStore.append(order, event(), { idempotencyKey: 'shared' });
      expect(again).toEqual({ ...first, repeated: true });
      expect(await context.store.currentVersion(order)).toBe(1);
    });

    it('serves an append over several aggregates and without aggregate', async () => {
      const order = context.aggregate();
      const parts = [
        { aggregate: order, events: numbered(2) },
        { tenantId: order.tenantId, events: [event('audit.noted')] },
        { aggregate: { ...order, type: 'cart' }, events: numbered(1), expectedVersion: 'none' as const },
      ];
      const first = await context.store.appendAll(parts, { idempotencyKey: 'all' });
      const again = await context.store.appendAll(parts, { idempotencyKey: 'all' });
      expect(again).toEqual({ ...first, repeated: true });
      expect(await context.readTenant(order.tenantId)).toHaveLength(4);
    });

    it('is the same for equal content in another spelling', async () => {
      const order = context.aggregate();
      const options = { idempotencyKey: 'spelling' };
      await context.append(order, { type: 'order.placed', data: { a: 1, b: 2 } }, options);
      const again = await context.append(order, [{ data: { b: 2, a: 1 }, type: 'order.placed', userId: undefined }], {
        ...options,
        expectedVersion: 'any',
      });
      expect(again.repeated).toBe(true);
    });

    it('is refused for other content, whatever differs, and stores nothing', async () => {
      const order = context.aggregate();
      const options = { idempotencyKey: 'used' };
      await context.append(order, event('order.placed', { n: 1 }), options);
      const attempts = [
        context.append(order, event('order.placed', { n: 2 }), options),
        context.append(order, event('order.paid', { n: 1 }), options),
        context.append(order, [event('order.placed', { n: 1 }), event()], options),
        context.append({ ...order, id: '2' }, event('order.placed', { n: 1 }), options),
        context.append(order, event('order.placed', { n: 1 }), { ...options, expectedVersion: 'exists' }),
      ];
      for (const attempt of attempts) {
        await expect(attempt).rejects.toMatchObject({
          name: 'IdempotencyKeyReused',
          code: 'idempotency-key-reused',
          idempotencyKey: 'used',
        });
      }
      expect(await context.readTenant(order.tenantId)).toHaveLength(1);
    });

    it('belongs to its tenant', async () => {
      const [mine, yours] = [context.aggregate(), context.aggregate()];
      const options = { idempotencyKey: 'same-name' };
      await context.append(mine, event('order.placed', 'mine'), options);
      const { repeated } = await context.append(yours, event('order.placed', 'yours'), options);
      expect(repeated).toBe(false);
    });

    it('stays free when its append was refused', async () => {
      const order = context.aggregate();
      const options = { idempotencyKey: 'kept-free' };
      await expect(context.append(order, event(), { ...options, expectedVersion: 4 })).rejects.toMatchObject({
        code: 'concurrency-conflict',
      });
      const { repeated, heads } = await context.append(order, event(), { ...options, expectedVersion: 0 });
      expect([repeated, heads[0]!.version]).toEqual([false, 1]);
    });

    it('lets one of several concurrent repetitions store, and answers all of them alike', async () => {
      const order = context.aggregate();
      const stores = [context.store, context.otherStore];
      const results = await Promise.all(
        range(0, 11).map((i) => stores[i % 2]!.append(order, numbered(2), { idempotencyKey: 'raced' })),
      );
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(new Set(results.map(({ events, heads }) => JSON.stringify([events, heads]))).size).toBe(1);
      expect(await context.store.currentVersion(order)).toBe(2);
    });

    it('may have any characters, and none is taken for another', async () => {
      const order = context.aggregate();
      const keys = ['a.b', 'a%2Eb', 'a*b', '*', '>', ' ', '-', '%2D', 'schlüssel', '🔑', 'k'.repeat(200), 'a b\r\nc'];
      for (const [i, idempotencyKey] of keys.entries()) {
        const { heads, repeated } = await context.append(order, event('order.changed', i), { idempotencyKey });
        expect([heads[0]!.version, repeated]).toEqual([i + 1, false]);
      }
      for (const [i, idempotencyKey] of keys.entries()) {
        const { heads, repeated } = await context.append(order, event('order.changed', i), { idempotencyKey });
        expect([heads[0]!.version, repeated]).toEqual([i + 1, true]);
      }
    });

    it('leaves no trace among the events', async () => {
      const order = context.aggregate();
      await context.append(order, numbered(2), { idempotencyKey: 'unseen' });
      const { tenantId } = order;
      expect(await context.store.count({ tenantId })).toBe(2);
      expect((await context.store.stats({ tenantId })).totalEvents).toBe(2);
      expect((await context.readTenant(tenantId)).map(({ type }) => type)).toEqual([
        'order.numbered',
        'order.numbered',
      ]);
    });
  });
}
