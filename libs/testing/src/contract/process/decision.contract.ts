import { describe, expect, it } from '@jest/globals';
import { scripted } from './order-process.ts';
import { type ProcessContext, seenBy } from './process-context.ts';

/** Which events an instance gets, and in which order. */
export function decisionContract(context: ProcessContext): void {
  describe('decisions', () => {
    it('starts an instance by its first event, and hands it all that correlate, in their order', async () => {
      await context.run(scripted(context.name, {}));
      await context.happen('order.changed', { key: 'a', n: 0 });
      await context.happen('order.placed', { key: 'a', n: 1 });
      for (let n = 2; n <= 20; n++) await context.happen(n % 2 ? 'order.changed' : 'stock.taken', { key: 'a', n });
      await context.happen('order.changed', { n: 99 });
      await context.happen('order.placed', { key: 'b', n: 1 });
      const { state, steps } = await context.when('a', (instance) => seenBy(instance).length === 20);
      const instance = await context.find('a');
      expect(seenBy(instance!)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
      expect([state, steps]).toEqual(['started', 20]);
      expect(seenBy(await context.when('b', () => true))).toEqual([1]);
    });

    it('keeps instances of the same key in different tenants apart', async () => {
      await context.run(scripted(context.name, {}));
      await context.happen('order.placed', { key: 'a', n: 1 });
      const first = context.tenantId;
      context.tenantId = context.unique('tenant');
      await context.happen('order.placed', { key: 'a', n: 2 });
      expect(seenBy(await context.when('a', () => true))).toEqual([2]);
      context.tenantId = first;
      expect(seenBy(await context.when('a', () => true))).toEqual([1]);
    });

    it('correlates by the correlation id unless told otherwise', async () => {
      const { correlate: _, ...plain } = scripted(context.name, {});
      await context.run({ ...plain, correlate: ({ correlationId }) => correlationId });
      const order = { type: 'order', id: 'o', tenantId: context.tenantId };
      await context.store.append(order, { type: 'order.placed', data: { n: 1 }, correlationId: 'chain' });
      await context.store.append(order, { type: 'order.changed', data: { n: 2 }, correlationId: 'chain' });
      expect(seenBy(await context.when('chain', (instance) => seenBy(instance).length === 2))).toEqual([1, 2]);
    });

    it('begins with what happens from now on, unless told otherwise, and goes on where it stands', async () => {
      await context.happen('order.placed', { key: 'old', n: 1 });
      const first = await context.run(scripted(context.name, {}));
      await context.happen('order.placed', { key: 'new', n: 1 });
      await context.when('new', () => true);
      expect(await context.find('old')).toBeUndefined();
      await first.stop();
      await context.happen('order.changed', { key: 'new', n: 2 });
      await context.run(scripted(context.name, {}));
      expect(seenBy(await context.when('new', (instance) => seenBy(instance).length === 2))).toEqual([1, 2]);
    });

    it('begins with the oldest event where it is told to', async () => {
      await context.happen('order.placed', { key: 'old', n: 1 });
      await context.run(scripted(context.name, {}), { from: 'beginning' });
      expect(seenBy(await context.when('old', () => true))).toEqual([1]);
    });

    it('ends an instance for good: later events do not reach it, nor start another', async () => {
      await context.run(scripted(context.name, { 'order.changed': () => ({ end: 'changed' }) }));
      await context.happen('order.placed', { key: 'a', n: 1 });
      await context.happen('order.changed', { key: 'a', n: 2 });
      await context.happen('order.placed', { key: 'a', n: 3 });
      await context.happen('order.placed', { key: 'b', n: 1 });
      await context.when('b', () => true);
      const ended = await context.when('a', ({ state }) => state === 'ended');
      expect(ended).toMatchObject({ reason: 'changed', pendingEffects: 0 });
      expect(ended.endedAt).toBeDefined();
      expect(seenBy(ended)).toEqual([1, 2]);
    });

    it('lets an instance that cannot decide stand still and hold up no other; a release that can goes on with all that waits', async () => {
      const bad = scripted(context.name, {
        'stock.taken': () => {
          throw new RangeError('no stock');
        },
      });
      const first = await context.run(bad);
      await context.happen('order.placed', { key: 'a', n: 1 });
      await context.happen('stock.taken', { key: 'a', n: 2 });
      await context.happen('order.changed', { key: 'a', n: 3 });
      await context.happen('order.placed', { key: 'b', n: 1 });
      await context.happen('order.changed', { key: 'b', n: 2 });
      await context.when('b', (instance) => seenBy(instance).length === 2);
      const standing = await context.when('a', ({ state }) => state === 'failed');
      expect(standing).toMatchObject({ error: { name: 'RangeError', message: 'no stock' } });
      expect(standing.endedAt).toBeUndefined();
      expect(seenBy(standing)).toEqual([1]);
      await first.stop();
      await context.run(scripted(context.name, {}));
      const going = await context.when('a', ({ state }) => state === 'started');
      expect(seenBy(going)).toEqual([1, 2, 3]);
      expect(going.error).toBeUndefined();
      await context.happen('order.changed', { key: 'a', n: 4 });
      await context.when('a', (instance) => seenBy(instance).length === 4);
    });
  });
}
