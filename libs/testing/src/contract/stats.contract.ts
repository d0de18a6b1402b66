import { describe, expect, it } from '@jest/globals';
import { type ContractContext, event, numbered, range } from './contract-context.ts';

/** Counts over the whole store and its tenants. */
export function statsContract(context: ContractContext): void {
  describe('stats', () => {
    it('count a tenant’s events, aggregates and types, and tell the range of their times', async () => {
      const { tenantId } = context.aggregate();
      const at = (timestamp: string, type: string) => ({ type, data: {}, timestamp });
      await context.append({ tenantId, type: 'order', id: '1' }, [
        at('2024-03-01T00:00:00.5Z', 'order.placed'),
        at('2024-01-01T00:00:00Z', 'order.paid'),
      ]);
      await context.append({ tenantId, type: 'order', id: '2' }, at('2024-03-01T00:00:00.49Z', 'order.placed'));
      await context.append({ tenantId, type: 'cart', id: '1' }, at('2024-02-01T00:00:00Z', 'cart.filled'));
      await context.store.appendAll([{ tenantId, events: [at('2024-02-01T00:00:00Z', 'audit.noted')] }]);
      expect(await context.store.stats({ tenantId })).toEqual({
        totalEvents: 5,
        uniqueAggregates: 3,
        eventTypes: 4,
        eventTypeBreakdown: { 'order.placed': 2, 'order.paid': 1, 'cart.filled': 1, 'audit.noted': 1 },
        aggregateTypeBreakdown: { order: 3, cart: 1 },
        timeRange: { earliest: '2024-01-01T00:00:00Z', latest: '2024-03-01T00:00:00.5Z' },
      });
    });

    it('of a tenant without events are empty', async () => {
      expect(await context.store.stats({ tenantId: context.unique('tenant') })).toEqual({
        totalEvents: 0,
        uniqueAggregates: 0,
        eventTypes: 0,
        eventTypeBreakdown: {},
        aggregateTypeBreakdown: {},
        timeRange: { earliest: null, latest: null },
      });
    });

    it('include every append that was acknowledged before', async () => {
      const order = context.aggregate();
      const { tenantId } = order;
      for (const n of range(1, 5)) {
        await context.otherStore.append(order, event());
        expect((await context.store.stats({ tenantId })).totalEvents).toBe(n);
      }
    });

    it('are exact after concurrent writers', async () => {
      const { tenantId } = context.aggregate();
      const stores = [context.store, context.otherStore];
      await Promise.all(
        range(0, 29).map((i) =>
          stores[i % 2]!.append({ tenantId, type: 'order', id: String(i % 7) }, numbered(1 + (i % 2))),
        ),
      );
      const stats = await context.store.stats({ tenantId });
      expect(stats).toMatchObject({ totalEvents: 45, uniqueAggregates: 7, aggregateTypeBreakdown: { order: 45 } });
      expect(await context.store.count({ tenantId })).toBe(45);
    });

    it('count neither refused appends nor repetitions', async () => {
      const order = context.aggregate();
      const { tenantId } = order;
      await context.append(order, event(), { idempotencyKey: 'once' });
      await context.append(order, event(), { idempotencyKey: 'once' });
      await context.append(order, event(), { expectedVersion: 9 }).catch(() => undefined);
      expect(await context.store.stats({ tenantId })).toMatchObject({ totalEvents: 1, uniqueAggregates: 1 });
    });

    it('count types whose names mean something to JavaScript', async () => {
      const { tenantId } = context.aggregate();
      const types = ['__proto__', 'constructor', 'toString'];
      for (const type of types) await context.append({ tenantId, type, id: '1' }, event(type));
      const { eventTypeBreakdown, aggregateTypeBreakdown } = await context.store.stats({ tenantId });
      for (const breakdown of [eventTypeBreakdown, aggregateTypeBreakdown]) {
        expect(Object.entries(breakdown).sort()).toEqual(types.sort().map((type) => [type, 1]));
      }
    });

    it('of the whole store count all tenants', async () => {
      const type = context.unique('type');
      const before = await context.store.stats();
      for (const ref of [context.aggregate(type), context.aggregate(type)]) await context.append(ref, numbered(2));
      const after = await context.store.stats();
      expect(after.aggregateTypeBreakdown[type]).toBe(4);
      expect(after.totalEvents - before.totalEvents).toBeGreaterThanOrEqual(4);
      expect(after.uniqueAggregates - before.uniqueAggregates).toBeGreaterThanOrEqual(2);
      const sum = Object.values(after.eventTypeBreakdown).reduce((total, n) => total + n, 0);
      expect(sum).toBe(after.totalEvents);
      expect(Object.keys(after.eventTypeBreakdown)).toHaveLength(after.eventTypes);
    });
  });
}
