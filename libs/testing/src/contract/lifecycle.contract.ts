import { afterEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type ContractContext, collect, event, numbered } from './contract-context.ts';

/** What a store tells of itself, and how it ends. */
export function lifecycleContract(context: ContractContext): void {
  describe('a store', () => {
    const opened: EventStore[] = [];
    const open = async () => {
      const store = await context.factory.open();
      opened.push(store);
      return store;
    };
    afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

    it('says that it is ready, and what is in its streams', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const [newest] = await collect(context.store.readAggregate(order, { direction: 'backwards', limit: 1 }));
      const { state, streams, durability } = await context.store.status();
      expect(state).toBe('ready');
      expect(durability).not.toBe('');
      const stream = streams.find(({ name }) => name === newest!.position.stream)!;
      expect(stream.messages).toBeGreaterThanOrEqual(3);
      expect(stream.bytes).toBeGreaterThan(0);
      expect(stream.firstSequence).toBeGreaterThanOrEqual(1);
      expect(stream.lastSequence).toBeGreaterThanOrEqual(newest!.position.sequence);
      expect(stream.replicas).toBeGreaterThanOrEqual(1);
    });

    it('refuses every call once it is closed', async () => {
      const store = await open();
      const order = context.aggregate();
      await store.append(order, event());
      await store.close();
      const calls: (() => Promise<unknown>)[] = [
        () => store.append(order, event()),
        () => store.appendAll([{ aggregate: order, events: [event()] }]),
        () => collect(store.readAggregate(order)),
        () => collect(store.readAt(order, '2024-01-01T00:00:00Z')),
        () => store.load(order),
        () => store.head(order),
        () => store.exists(order),
        () => store.currentVersion(order),
        () => store.aggregateTypesOf('1', order.tenantId),
        () => collect(store.readAll({ tenantId: order.tenantId })),
        () => store.count({ tenantId: order.tenantId }),
        () => store.recordedAt([{ stream: 'EVENTS', sequence: 1 }]),
        () => store.stats(),
      ];
      for (const call of calls) {
        await expect((async () => call())()).rejects.toMatchObject({ name: 'StoreClosed', code: 'store-closed' });
      }
      expect((await store.status()).state).toBe('closed');
    });

    it('may be closed twice', async () => {
      const store = await open();
      await Promise.all([store.close(), store.close()]);
      await store.close();
    });

    it('finishes the appends that are in hand before it closes', async () => {
      const store = await open();
      const refs = Array.from({ length: 20 }, () => context.aggregate());
      const appends = refs.map((ref) => store.append(ref, numbered(2)));
      await store.close();
      for (const { heads } of await Promise.all(appends)) expect(heads[0]!.version).toBe(2);
      if (!context.factory.sharesData) return;
      for (const ref of refs) expect(await context.store.currentVersion(ref)).toBe(2);
    });
  });
}
