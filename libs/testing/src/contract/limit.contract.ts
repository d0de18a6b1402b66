import { describe, expect, it } from '@jest/globals';
import { type ContractContext, event, numbered, range, versionsOf } from './contract-context.ts';

/** How much one append takes. */
export function limitContract(context: ContractContext): void {
  describe('one append', () => {
    it('takes 1,000 events', async () => {
      const order = context.aggregate();
      const { events, heads } = await context.append(order, numbered(1_000), { expectedVersion: 0 });
      expect(versionsOf(events)).toEqual(range(1, 1_000));
      expect(heads[0]!.version).toBe(1_000);
      expect(await context.store.currentVersion(order)).toBe(1_000);
    });

    it('takes 999 events with an idempotency key, which takes a place of its own', async () => {
      const order = context.aggregate();
      const options = { idempotencyKey: 'key' };
      await expect(context.append(order, numbered(1_000), options)).rejects.toMatchObject({
        code: 'batch-too-large',
        limit: 999,
        actual: 1_000,
      });
      const { heads } = await context.append(order, numbered(999), options);
      expect(heads[0]!.version).toBe(999);
      expect((await context.append(order, numbered(999), options)).repeated).toBe(true);
    });

    it('takes 1,000 events of 1,000 aggregates, or none of them', async () => {
      const { tenantId } = context.aggregate();
      const parts = range(1, 1_000).map((id) => ({
        aggregate: { tenantId, type: 'order', id: String(id) },
        events: [event()],
        expectedVersion: 'none' as const,
      }));
      await context.append(parts[998]!.aggregate, event());
      await expect(context.store.appendAll(parts)).rejects.toMatchObject({
        aggregate: { id: '999' },
        actualVersion: 1,
      });
      expect(await context.store.count({ tenantId })).toBe(1);
      const { heads } = await context.store.appendAll(parts.filter((_, i) => i !== 998));
      expect(heads).toHaveLength(999);
      expect(await context.store.count({ tenantId })).toBe(1_000);
    });

    it('refuses 1,001 events, in one part and in several', async () => {
      const order = context.aggregate();
      const refusal = { name: 'BatchTooLarge', code: 'batch-too-large', limit: 1_000, actual: 1_001 };
      await expect(context.append(order, numbered(1_001))).rejects.toMatchObject(refusal);
      await expect(
        context.store.appendAll([
          { aggregate: order, events: numbered(1_000) },
          { tenantId: order.tenantId, events: numbered(1) },
        ]),
      ).rejects.toMatchObject(refusal);
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it('refuses an event that is larger than the server takes, with all that came with it', async () => {
      const order = context.aggregate();
      const large = event('order.placed', 'x'.repeat(3 * 1024 * 1024));
      for (const [events, index] of [
        [large, 0],
        [[event(), event(), large], 2],
      ] as const) {
        const error = await context.store.append(order, events).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ name: 'PayloadTooLarge', code: 'payload-too-large', index });
        const { limitBytes, actualBytes } = error as { limitBytes: number; actualBytes: number };
        expect(actualBytes).toBeGreaterThan(limitBytes);
        expect(limitBytes).toBeGreaterThan(500_000);
      }
      await expect(
        context.store.appendAll([
          { aggregate: order, events: numbered(3) },
          { aggregate: { ...order, id: '2' }, events: [large] },
        ]),
      ).rejects.toMatchObject({ code: 'payload-too-large', index: 3 });
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it('measures an event in bytes, not in characters', async () => {
      const order = context.aggregate();
      const append = context.append(order, event('order.placed', '世'.repeat(600_000)));
      await expect(append).rejects.toMatchObject({ code: 'payload-too-large' });
      const { heads } = await context.append(order, event('order.placed', 'x'.repeat(600_000)));
      expect(heads[0]!.version).toBe(1);
    });

    it('takes several large events', async () => {
      const order = context.aggregate();
      await context.append(
        order,
        range(1, 8).map((n) => event('order.placed', String(n).repeat(300_000))),
      );
      const stored = await context.read(order);
      expect(stored.map(({ data }) => (data as string).length)).toEqual(Array(8).fill(300_000));
      expect(stored.map(({ data }) => (data as string)[0])).toEqual(range(1, 8).map(String));
    });
  });
}
