import { describe, expect, it } from '@jest/globals';
import { type ContractContext, event, numbered, range, versionsOf } from './contract-context.ts';

/** Appends over several aggregates, and events without aggregate. */
export function appendAllContract(context: ContractContext): void {
  describe('appendAll', () => {
    it('appends to several aggregates in the order given, in positions without a gap', async () => {
      const tenantId = context.unique('tenant');
      const [order, stock] = [
        { tenantId, type: 'order', id: '1' },
        { tenantId, type: 'stock', id: 'sku-1' },
      ];
      await context.fill(stock, 2);
      const result = await context.store.appendAll([
        { aggregate: order, events: [event('order.placed'), event('order.paid')], expectedVersion: 'none' },
        { aggregate: stock, events: [event('stock.reserved')], expectedVersion: 2 },
      ]);
      expect(result.events.map(({ type, version }) => [type, version])).toEqual([
        ['order.placed', 1],
        ['order.paid', 2],
        ['stock.reserved', 3],
      ]);
      const first = result.events[0]!.position.sequence;
      expect(result.events.map(({ position }) => position.sequence)).toEqual(range(first, first + 2));
      expect(result.heads.map(({ aggregate, version }) => [aggregate, version])).toEqual([
        [order, 2],
        [stock, 3],
      ]);
      expect(result.repeated).toBe(false);
      expect(versionsOf(await context.read(order))).toEqual([1, 2]);
      expect(versionsOf(await context.read(stock))).toEqual([1, 2, 3]);
    });

    it('stores nothing when one of the aggregates is not as expected, and names that one', async () => {
      const tenantId = context.unique('tenant');
      const refs = range(1, 4).map((id) => ({ tenantId, type: 'order', id: String(id) }));
      await context.fill(refs[2]!, 1);
      const append = context.store.appendAll(
        refs.map((aggregate) => ({ aggregate, events: numbered(2), expectedVersion: 'none' as const })),
      );
      await expect(append).rejects.toMatchObject({
        code: 'concurrency-conflict',
        aggregate: refs[2],
        expectedVersion: 'none',
        actualVersion: 1,
      });
      expect(await context.readTenant(tenantId)).toHaveLength(1);
      expect(await Promise.all(refs.map((ref) => context.store.currentVersion(ref)))).toEqual([0, 0, 1, 0]);
    });

    it('stores nothing of events without aggregate when an aggregate beside them is not as expected', async () => {
      const order = context.aggregate();
      const append = context.store.appendAll([
        { tenantId: order.tenantId, events: [event('audit.noted')] },
        { aggregate: order, events: [event()], expectedVersion: 7 },
      ]);
      await expect(append).rejects.toMatchObject({ code: 'concurrency-conflict', actualVersion: 0 });
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it('stores events without aggregate, without version', async () => {
      const tenantId = context.unique('tenant');
      const result = await context.store.appendAll([{ tenantId, events: [event('a.noted'), event('b.noted')] }]);
      expect(result.heads).toEqual([]);
      expect(result.events.map((appended) => Object.keys(appended).sort())).toEqual(
        Array(2).fill(['messageId', 'position', 'tenantId', 'type']),
      );
      const stored = await context.readTenant(tenantId);
      expect(stored.map(({ type }) => type)).toEqual(['a.noted', 'b.noted']);
      expect(stored.map(({ position }) => position)).toEqual(result.events.map(({ position }) => position));
      for (const key of ['aggregateId', 'aggregateType', 'version']) expect(stored[0]).not.toHaveProperty(key);
    });

    it('puts events without aggregate and tenant into the tenant "default"', async () => {
      const type = `noted.${context.unique('x')}`;
      const { events } = await context.store.appendAll([{ events: [event(type)] }]);
      expect(events[0]!.tenantId).toBe('default');
      expect(await context.store.count({ tenantId: 'default', eventTypes: [type] })).toBe(1);
    });

    it('gives the whole append one correlation, that of its first event', async () => {
      const order = context.aggregate();
      const cart = { ...order, type: 'cart' };
      await context.store.appendAll([
        { aggregate: order, events: [{ ...event(), messageId: 'the-first' }, event()] },
        { aggregate: cart, events: [event(), { ...event(), correlationId: 'of-its-own' }] },
      ]);
      const stored = await context.readTenant(order.tenantId);
      expect(stored.map(({ correlationId }) => correlationId)).toEqual([
        'the-first',
        'the-first',
        'the-first',
        'of-its-own',
      ]);
    });

    it('appends to aggregates of several tenants', async () => {
      const [a, b] = [context.aggregate(), context.aggregate()];
      const { heads } = await context.store.appendAll([
        { aggregate: a, events: [event()] },
        { tenantId: b.tenantId, aggregate: b, events: [event()] },
      ]);
      expect(heads.map(({ aggregate }) => aggregate.tenantId)).toEqual([a.tenantId, b.tenantId]);
      expect(await context.readTenant(a.tenantId)).toHaveLength(1);
      expect(await context.readTenant(b.tenantId)).toHaveLength(1);
    });

    it('takes a part’s tenant for an aggregate that names none', async () => {
      const tenantId = context.unique('tenant');
      await context.store.appendAll([{ tenantId, aggregate: { type: 'order', id: '1' }, events: [event()] }]);
      expect(await context.store.currentVersion({ tenantId, type: 'order', id: '1' })).toBe(1);
    });

    it('refuses what could not be told from a repetition: an aggregate or a message id named twice', async () => {
      const order = context.aggregate();
      const named = { ...event(), messageId: 'same' };
      const twice = { aggregate: order, events: [event()] };
      await expect(context.store.appendAll([twice, twice])).rejects.toMatchObject({
        code: 'validation-failed',
        errors: [{ path: 'parts.1.aggregate' }],
      });
      await expect(
        context.store.appendAll([
          { aggregate: order, events: [named] },
          { tenantId: order.tenantId, events: [named] },
        ]),
      ).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'parts.1.events.0.messageId' }] });
      await expect(context.append(order, [named, named])).rejects.toMatchObject({
        errors: [{ path: 'events.1.messageId' }],
      });
      expect(await context.readTenant(order.tenantId)).toEqual([]);
    });

    it('refuses an expected version without aggregate, and a tenant that is not the aggregate’s', async () => {
      const order = context.aggregate();
      await expect(
        context.store.appendAll([{ tenantId: order.tenantId, events: [event()], expectedVersion: 'any' }]),
      ).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'expectedVersion' }] });
      await expect(
        context.store.appendAll([{ tenantId: 'another', aggregate: order, events: [event()] }]),
      ).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'tenantId' }] });
    });
  });
}
