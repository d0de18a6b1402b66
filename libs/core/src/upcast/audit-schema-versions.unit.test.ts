import { createInMemoryStore } from '@annals/testing';
import { EventRegistry, auditSchemaVersions, storedEvents, withRegistry } from '../index.ts';

const user = { type: 'user', id: 'u1' };

async function storeWithOldEvents() {
  const store = createInMemoryStore();
  await store.append(user, [
    { type: 'user.created', data: {} },
    { type: 'user.moved', data: {}, schemaVersion: 1 },
    { type: 'user.moved', data: {}, schemaVersion: 10 },
    { type: 'user.moved', data: {}, schemaVersion: 2 },
  ]);
  await store.append({ ...user, tenantId: 'acme' }, [
    { type: 'user.moved', data: {}, schemaVersion: 3 },
    { type: 'user.moved', data: {}, schemaVersion: 1 },
  ]);
  return store;
}

const registry = (): EventRegistry => new EventRegistry().registerMigration('user.moved', 2, 3, (data) => data);

describe('an audit of schema versions', () => {
  it('counts what is stored by type and version, and tells whether it can be read', async () => {
    const audit = await auditSchemaVersions(await storeWithOldEvents(), registry());
    expect(audit).toMatchObject({ events: 6, complete: false });
    expect(audit.versions).toEqual([
      {
        eventType: 'user.created',
        schemaVersion: 1,
        count: 1,
        first: { stream: 'EVENTS', sequence: 1 },
        last: { stream: 'EVENTS', sequence: 1 },
        currentVersion: undefined,
        way: 'current',
      },
      expect.objectContaining({
        schemaVersion: 1,
        count: 2,
        first: { stream: 'EVENTS', sequence: 2 },
        last: { stream: 'EVENTS', sequence: 6 },
        currentVersion: 3,
        way: 'no-way',
      }),
      expect.objectContaining({ schemaVersion: 2, count: 1, way: 'migrates' }),
      expect.objectContaining({ schemaVersion: 3, count: 1, way: 'current' }),
      expect.objectContaining({ schemaVersion: 10, count: 1, way: 'newer' }),
    ]);
  });

  it('looks behind the registry of a store, at what is stored', async () => {
    const store = await storeWithOldEvents();
    const complete = registry()
      .registerMigration('user.moved', 1, 2, (data) => data)
      .seal();
    const registered = withRegistry(store, complete);
    expect(storedEvents(registered)).toEqual({ store, registry: complete });
    expect(storedEvents(store)).toEqual({ store, registry: undefined });
    const audit = await auditSchemaVersions(registered, complete);
    expect(audit.complete).toBe(true);
    expect(audit.versions.map(({ schemaVersion, way }) => [schemaVersion, way])).toEqual([
      [1, 'current'],
      [1, 'migrates'],
      [2, 'migrates'],
      [3, 'current'],
      [10, 'newer'],
    ]);
  });

  it('is of one tenant where one is named, and ends at a signal', async () => {
    const store = await storeWithOldEvents();
    expect(await auditSchemaVersions(store, registry(), { tenantId: 'acme' })).toMatchObject({ events: 2 });
    await expect(
      auditSchemaVersions(store, registry(), { signal: AbortSignal.abort(new Error('enough')) }),
    ).rejects.toThrow('enough');
  });

  it('tells how far it is', async () => {
    const store = createInMemoryStore();
    const pings = Array.from({ length: 1_000 }, () => ({ type: 'pinged', data: null }));
    for (let i = 0; i < 21; i++) await store.append({ type: 'clock', id: `c${i}` }, pings);
    const told: number[] = [];
    await auditSchemaVersions(store, registry(), { onProgress: (events) => void told.push(events) });
    expect(told).toEqual([10_000, 20_000]);
  });
});
