import { type EventStore, EventRegistry, splitInto, withRegistry } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { EventsService } from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';

const CART = ['c1', 'cart'] as const;
const ref = { type: 'cart', id: 'c1' };

describe('Event Sourcing: snapshots', () => {
  let store: EventStore;
  let events: EventsService;

  beforeEach(async () => {
    store = createInMemoryStore();
    events = new EventsService(store, resolveServiceOptions({}));
    await store.append(
      ref,
      [1, 2, 3, 4].map((data) => ({ type: 'cart.added', data })),
    );
  });

  const versionsAfterSnapshot = async (): Promise<unknown[]> =>
    (await events.getEventsForAggregate(...CART, { afterSnapshot: true })).map(({ version }) => version);

  it('are recorded, got, listed and deleted', async () => {
    expect(await events.getSnapshot(...CART)).toBeUndefined();
    expect(await events.recordSnapshot(...CART, { version: 3, state: { sum: 6 } })).toBe(true);
    expect(await events.recordSnapshot(...CART, { version: 2, state: { sum: 3 } })).toBe(false);
    expect(await events.getSnapshot<{ sum: number }>(...CART)).toMatchObject({
      aggregate: { tenantId: 'default', type: 'cart', id: 'c1' },
      version: 3,
      state: { sum: 6 },
      stateVersion: 1,
    });
    const { snapshots } = await events.listSnapshots({ aggregateType: 'cart' });
    expect(snapshots).toMatchObject([{ version: 3, bytes: 9 }]);
    expect((await events.listSnapshots({ aggregateType: 'other' })).snapshots).toEqual([]);
    expect(await events.deleteSnapshot(...CART)).toBe(true);
    expect(await events.deleteSnapshot(...CART)).toBe(false);
    expect(await events.getSnapshot(...CART)).toBeUndefined();
  });

  it('are those of a tenant', async () => {
    await store.append({ ...ref, tenantId: 'acme' }, { type: 'cart.added', data: 9 });
    await events.recordSnapshot(...CART, { version: 1, state: 9 }, { tenantId: 'acme' });
    expect(await events.getSnapshot(...CART)).toBeUndefined();
    expect((await events.listSnapshots()).snapshots).toEqual([]);
    expect((await events.listSnapshots({ tenantId: 'acme' })).snapshots).toHaveLength(1);
    expect(await events.getSnapshot(...CART, { tenantId: 'acme' })).toMatchObject({ state: 9 });
  });

  it('shorten the list of events to those behind them', async () => {
    expect(await versionsAfterSnapshot()).toEqual([1, 2, 3, 4]);
    await events.recordSnapshot(...CART, { version: 3, state: { sum: 6 } });
    expect(await versionsAfterSnapshot()).toEqual([4]);
    expect(await events.getEventsForAggregate(...CART)).toHaveLength(4);
    await events.recordSnapshot(...CART, { version: 4, state: { sum: 10 } });
    expect(await versionsAfterSnapshot()).toEqual([]);
    await expect(events.getEventsForAggregate(...CART, { afterSnapshot: true, fromVersion: 2 })).rejects.toMatchObject({
      errors: [{ path: 'afterSnapshot' }],
    });
  });

  it('must be of a version that the aggregate has', async () => {
    for (const version of [0, 5, 1.5, undefined as never, -1]) {
      await expect(events.recordSnapshot(...CART, { version, state: {} })).rejects.toMatchObject({
        errors: [{ path: 'version' }],
      });
    }
    await expect(events.recordSnapshot(...CART, { version: 1, state: undefined })).rejects.toMatchObject({
      errors: [{ path: 'state' }],
    });
  });

  it('are none where the log does not hold what they were taken of', async () => {
    const takenAt = '2026-01-01T00:00:00Z';
    await store.snapshots.put({
      aggregate: { ...ref, tenantId: 'default' },
      version: 9,
      state: 1,
      stateVersion: 1,
      takenAt,
    });
    expect(await events.getSnapshot(...CART)).toBeUndefined();
    expect(await versionsAfterSnapshot()).toEqual([1, 2, 3, 4]);
  });

  it('may be of a version whose event is none today', async () => {
    const registry = new EventRegistry().registerMigration('cart.added', 1, 2, () => splitInto()).seal();
    const migrated = new EventsService(withRegistry(store, registry), resolveServiceOptions({}));
    expect(await migrated.recordSnapshot(...CART, { version: 4, state: {} })).toBe(true);
    expect(await migrated.getSnapshot(...CART)).toMatchObject({ version: 4 });
  });
});
