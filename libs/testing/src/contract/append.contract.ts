import { describe, expect, it } from '@jest/globals';
import { type ContractContext, collect, event, numbered, range, versionsOf } from './contract-context.ts';

/** What one append stores and answers. */
export function appendContract(context: ContractContext): void {
  describe('append', () => {
    it('gives an aggregate’s events the versions 1, 2, 3 and ascending positions in one stream', async () => {
      const order = context.aggregate();
      const results = [
        await context.append(order, event()),
        await context.append(order, numbered(3)),
        await context.append(order, [event()]),
      ];
      const appended = results.flatMap(({ events }) => events);
      expect(versionsOf(appended)).toEqual([1, 2, 3, 4, 5]);
      const sequences = appended.map(({ position }) => position.sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      expect(new Set(sequences).size).toBe(5);
      expect(new Set(appended.map(({ position }) => position.stream)).size).toBe(1);
    });

    it('answers with each event’s place and the new head', async () => {
      const order = context.aggregate();
      const result = await context.append(order, [
        { type: 'order.placed', data: 1, messageId: 'first' },
        { type: 'order.paid', data: 2, messageId: 'second' },
      ]);
      const stored = await context.read(order);
      const names = { tenantId: order.tenantId, aggregateType: 'order', aggregateId: '1' };
      expect(result).toEqual({
        events: [
          { ...names, messageId: 'first', type: 'order.placed', version: 1, position: stored[0]!.position },
          { ...names, messageId: 'second', type: 'order.paid', version: 2, position: stored[1]!.position },
        ],
        heads: [{ aggregate: order, version: 2, position: stored[1]!.position }],
        repeated: false,
      });
    });

    it('fills in message id, time, schema version and correlation', async () => {
      const order = context.aggregate();
      const before = Date.now();
      await context.append(order, numbered(2));
      const after = Date.now();
      const [first, second] = await context.read(order);
      expect(first!.messageId).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
      expect(second!.messageId).not.toBe(first!.messageId);
      expect(first!.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(first!.timestamp)).toBeGreaterThanOrEqual(before);
      expect(Date.parse(first!.timestamp)).toBeLessThanOrEqual(after);
      expect(first!.schemaVersion).toBe(1);
      expect([first!.correlationId, second!.correlationId]).toEqual([first!.messageId, first!.messageId]);
    });

    it('uses the tenant "default" where none is named', async () => {
      const ref = { type: 'order', id: context.unique('id') };
      const { events, heads } = await context.store.append(ref, event());
      expect(events[0]!.tenantId).toBe('default');
      expect(heads[0]!.aggregate).toEqual({ ...ref, tenantId: 'default' });
      expect(await collect(context.store.readAggregate({ ...ref, tenantId: 'default' }))).toHaveLength(1);
    });

    it('keeps every field as it was given', async () => {
      const order = context.aggregate();
      const given = {
        messageId: 'my-own-id',
        type: 'Order.PLACED_at-dawn.v2',
        data: { sum: 12.5, items: [{ sku: 'a', n: 1 }, null, []], note: 'Grüße, 世界 🎉\n"quoted"' },
        timestamp: '2024-02-29T12:00:00.123456789Z',
        schemaVersion: 3,
        correlationId: 'correlation',
        causationId: 'cause',
        userId: 'user-1',
        source: { type: 'service', id: 's-1', name: 'orders' },
        tags: ['customer:1', 'Straße'],
        metadata: { ip: '127.0.0.1', nested: { deep: [true] } },
      };
      await context.append(order, given);
      const [stored] = await context.read(order);
      const { position, recordedAt, hash: _, ...envelope } = stored!;
      expect(envelope).toEqual({
        ...given,
        tenantId: order.tenantId,
        aggregateType: 'order',
        aggregateId: '1',
        version: 1,
      });
      expect(position.sequence).toBeGreaterThanOrEqual(1);
      expect(Date.parse(recordedAt)).not.toBeNaN();
    });

    it.each<[string, unknown]>([
      ['null', null],
      ['false', false],
      ['zero', 0],
      ['an empty text', ''],
      ['a list', [1, [2, [3]]]],
      ['a large number', 1.7976931348623157e308],
      ['a key called __proto__', JSON.parse('{"__proto__":{"x":1},"constructor":2}')],
      ['text that looks like a protocol line', 'PUB x 1\r\nNATS/1.0\r\n\r\n'],
      ['a lone surrogate', '\ud800'],
      ['200 levels', JSON.parse('['.repeat(200) + ']'.repeat(200))],
    ])('keeps data that are %s', async (_, data) => {
      const order = context.aggregate();
      await context.append(order, { type: 'order.changed', data });
      const [stored] = await context.read(order);
      expect(JSON.stringify(stored!.data)).toBe(JSON.stringify(data));
    });

    it('turns a timestamp with an offset into UTC and keeps the digits of its second', async () => {
      const order = context.aggregate();
      await context.append(order, { ...event(), timestamp: '2024-01-01T00:30:00.100+02:00' });
      const [stored] = await context.read(order);
      expect(stored!.timestamp).toBe('2023-12-31T22:30:00.100Z');
    });

    it('does not mind what the writer does to the event afterwards', async () => {
      const order = context.aggregate();
      const data = { state: 'as appended' };
      await context.append(order, event('order.changed', data));
      data.state = 'changed later';
      const [stored] = await context.read(order);
      expect(stored!.data).toEqual({ state: 'as appended' });
    });

    it('keeps aggregates of the same id under another type or tenant apart', async () => {
      const order = context.aggregate('order', 'same');
      const cart = { ...order, type: 'cart' };
      const elsewhere = { ...order, tenantId: context.unique('tenant') };
      await context.append(order, numbered(2));
      await context.append(cart, numbered(1), { expectedVersion: 'none' });
      await context.append(elsewhere, numbered(3), { expectedVersion: 0 });
      const heads = await Promise.all([order, cart, elsewhere].map((ref) => context.store.currentVersion(ref)));
      expect(heads).toEqual([2, 1, 3]);
      expect(versionsOf(await context.read(order))).toEqual([1, 2]);
    });

    it('is seen at once by every way to read', async () => {
      const order = context.aggregate();
      const { store } = context;
      for (const version of range(1, 5)) {
        const { heads } = await context.append(order, event(), { expectedVersion: version - 1 });
        expect(await store.currentVersion(order)).toBe(version);
        expect(await store.head(order)).toEqual(heads[0]);
        expect(await store.exists(order)).toBe(true);
        expect((await store.load(order)).version).toBe(version);
        expect(await context.read(order)).toHaveLength(version);
        expect(await context.readTenant(order.tenantId)).toHaveLength(version);
        expect(await store.count({ tenantId: order.tenantId })).toBe(version);
      }
    });

    it('keeps the W3C trace context that it was given', async () => {
      const order = context.aggregate();
      const traceContext = {
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        tracestate: 'vendor=value,other=1',
      };
      await context.append(order, numbered(2), { traceContext });
      await context.append(order, event(), { traceContext: { traceparent: traceContext.traceparent } });
      await context.append(order, event());
      const { traceparent } = traceContext;
      const kept = (await context.read(order)).map((read) => read.traceContext);
      expect(kept).toEqual([traceContext, traceContext, { traceparent }, undefined]);
    });
  });
}
