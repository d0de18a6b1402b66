import { describe, expect, it } from '@jest/globals';
import { type ContractContext, event, range } from './contract-context.ts';

/** Message ids given by the writer: a repeated append is recognised without an idempotency key. */
export function retryContract(context: ContractContext): void {
  describe('an append repeated with the same message ids', () => {
    it.each([0, 2] as const)('answers with its first result at expected version %s, also much later', async (head) => {
      const order = context.aggregate();
      await context.fill(order, head);
      const events = withIds('a', 'b', 'c');
      const options = { expectedVersion: head };
      const first = await context.append(order, events, options);
      expect(await context.append(order, events, options)).toEqual({ ...first, repeated: true });
      await context.append(order, event());
      expect(await context.append(order, events, options)).toEqual({ ...first, repeated: true });
      expect(await context.otherStore.append(order, events, options)).toEqual({ ...first, repeated: true });
      expect(await context.store.currentVersion(order)).toBe(head + 4);
    });

    it.each(['none', 'any', 'exists'] as const)(
      'answers with its first result where %p is expected',
      async (expected) => {
        const order = context.aggregate();
        if (expected === 'exists') await context.fill(order, 1);
        const options = { expectedVersion: expected };
        const first = await context.append(order, withIds('a', 'b'), options);
        await context.append(order, event());
        expect(await context.append(order, withIds('a', 'b'), options)).toEqual({ ...first, repeated: true });
        expect(await context.otherStore.append(order, withIds('a', 'b'), options)).toEqual({
          ...first,
          repeated: true,
        });
        expect(await context.readTenant(order.tenantId)).toHaveLength(first.heads[0]!.version + 1);
      },
    );

    it('answers with its first result over several aggregates and without aggregate', async () => {
      const order = context.aggregate();
      const parts = [
        { aggregate: order, events: withIds('a', 'b'), expectedVersion: 0 },
        { tenantId: order.tenantId, events: withIds('c') },
        { aggregate: { ...order, id: '2' }, events: withIds('d'), expectedVersion: 'none' as const },
      ];
      const first = await context.store.appendAll(parts);
      await context.append(order, event());
      expect(await context.store.appendAll(parts)).toEqual({ ...first, repeated: true });
      expect(await context.otherStore.appendAll(parts)).toEqual({ ...first, repeated: true });
      expect(await context.readTenant(order.tenantId)).toHaveLength(5);
    });

    it('is a conflict where only some of the ids are the same', async () => {
      const order = context.aggregate();
      await context.append(order, withIds('a', 'b'), { expectedVersion: 0 });
      for (const ids of [
        ['a', 'x'],
        ['x', 'b'],
        ['b', 'a'],
        ['a', 'b', 'c'],
      ]) {
        const attempt = context.append(order, withIds(...ids), { expectedVersion: 0 });
        await expect(attempt).rejects.toMatchObject({ code: 'concurrency-conflict', actualVersion: 2 });
      }
      expect(await context.store.currentVersion(order)).toBe(2);
    });

    it('is a conflict where only some of the aggregates have it', async () => {
      const order = context.aggregate();
      const other = { ...order, id: '2' };
      await context.append(order, withIds('a'), { expectedVersion: 0 });
      const attempt = context.store.appendAll([
        { aggregate: order, events: withIds('a'), expectedVersion: 0 },
        { aggregate: other, events: withIds('b'), expectedVersion: 0 },
      ]);
      await expect(attempt).rejects.toMatchObject({ code: 'concurrency-conflict', aggregate: order, actualVersion: 1 });
      expect(await context.store.exists(other)).toBe(false);
    });

    it('is another append in another aggregate or tenant', async () => {
      const order = context.aggregate();
      const others = [{ ...order, id: '2' }, { ...order, type: 'cart' }, context.aggregate()];
      for (const aggregate of [order, ...others]) {
        const result = await context.append(aggregate, withIds('a'), { expectedVersion: 0 });
        expect([result.repeated, result.heads[0]!.version]).toEqual([false, 1]);
      }
    });

    it('lets one of several concurrent repetitions store, and answers all of them alike', async () => {
      const order = context.aggregate();
      const stores = [context.store, context.otherStore];
      const results = await Promise.all(
        range(0, 11).map((i) => stores[i % 2]!.append(order, withIds('a', 'b'), { expectedVersion: 0 })),
      );
      expect(results.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(new Set(results.map(({ events }) => JSON.stringify(events))).size).toBe(1);
      expect(await context.store.currentVersion(order)).toBe(2);
    });

    it('without ids is an append of its own', async () => {
      const order = context.aggregate();
      await context.append(order, event());
      const again = await context.append(order, event());
      expect([again.repeated, again.heads[0]!.version]).toEqual([false, 2]);
      await expect(context.append(order, event(), { expectedVersion: 1 })).rejects.toMatchObject({ actualVersion: 2 });
    });
  });

  describe('the first of the message ids given with "any"', () => {
    it('is refused for other content', async () => {
      const order = context.aggregate();
      await context.append(order, withIds('a', 'b'));
      for (const ids of [['a'], ['a', 'c']]) {
        await expect(context.append(order, withIds(...ids))).rejects.toMatchObject({ code: 'idempotency-key-reused' });
      }
      expect(await context.store.currentVersion(order)).toBe(2);
    });

    it('is not taken for an idempotency key of the same name', async () => {
      const order = context.aggregate();
      await context.append(order, withIds('same-name'));
      const keyed = await context.append(order, event(), { idempotencyKey: 'same-name' });
      expect([keyed.repeated, keyed.heads[0]!.version]).toEqual([false, 2]);
    });
  });

  describe('the message id of an event without aggregate', () => {
    it('is taken once in a tenant: a repetition answers with the first result', async () => {
      const tenantId = context.unique('tenant');
      const first = await context.store.appendAll([{ tenantId, events: withIds('only-once') }]);
      const again = await context.store.appendAll([{ tenantId, events: withIds('only-once') }]);
      const elsewhere = await context.otherStore.appendAll([{ tenantId, events: withIds('only-once') }]);
      expect([again, elsewhere]).toEqual([
        { ...first, repeated: true },
        { ...first, repeated: true },
      ]);
      expect(await context.readTenant(tenantId)).toHaveLength(1);
    });

    it('is free in another tenant', async () => {
      const tenants = [context.unique('tenant'), context.unique('tenant')];
      for (const tenantId of tenants) {
        const { repeated } = await context.store.appendAll([{ tenantId, events: withIds('a.b') }]);
        expect(repeated).toBe(false);
      }
    });

    it('is refused in an append with others that are new, which stores nothing', async () => {
      const tenantId = context.unique('tenant');
      await context.store.appendAll([{ tenantId, events: withIds('taken') }]);
      const attempt = context.store.appendAll([{ tenantId, events: withIds('new', 'taken') }]);
      await expect(attempt).rejects.toMatchObject({
        code: 'validation-failed',
        errors: [{ path: expect.stringMatching(/messageId$/), message: expect.stringContaining('taken') }],
      });
      expect(await context.readTenant(tenantId)).toHaveLength(1);
    });
  });
}

function withIds(...ids: readonly string[]) {
  return ids.map((messageId) => ({ ...event('order.changed', { of: messageId }), messageId }));
}
