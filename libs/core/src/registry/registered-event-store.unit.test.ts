import { beforeEach, describe, expect, it } from '@jest/globals';
import { createInMemoryStore } from '@annals/testing';
import { EventRegistry, type EventStore, type RecordedEvent, splitInto, withRegistry } from '../index.ts';

const user = { type: 'user', id: 'u1' };

async function collect(events: AsyncIterable<RecordedEvent>): Promise<RecordedEvent[]> {
  const list: RecordedEvent[] = [];
  for await (const event of events) list.push(event);
  return list;
}

describe('a store with a registry', () => {
  let inner: EventStore;
  let store: EventStore;

  beforeEach(async () => {
    inner = createInMemoryStore();
    await inner.append(user, [
      { type: 'user.created', data: { label: 'Ada' } },
      { type: 'user.pinged', data: {} },
      { type: 'user.moved', data: { city: 'Bern', phone: '1' } },
    ]);
    const registry = new EventRegistry()
      .add({
        'user.created': { version: 2, migrations: { 1: { rename: { label: 'name' } } } },
        'user.named': {
          schema: {
            '~standard': {
              version: 1,
              vendor: 'test',
              validate: async (value: unknown) =>
                value === 'ok' ? { value } : { issues: [{ message: 'must be ok', path: ['deep', { key: 0 }] }] },
            },
          },
        },
      })
      .registerMigration('user.pinged', 1, 2, () => splitInto())
      .registerMigration('user.moved', 1, 2, (data: { city: string; phone: string }) =>
        splitInto({ data: { city: data.city } }, { type: 'user.called', data: { phone: data.phone } }),
      )
      .seal();
    store = withRegistry(inner, registry);
  });

  const today = [
    expect.objectContaining({ type: 'user.created', version: 1, schemaVersion: 2, data: { name: 'Ada' } }),
    expect.objectContaining({ type: 'user.moved', version: 3, data: { city: 'Bern' }, part: { index: 1, of: 2 } }),
    expect.objectContaining({ type: 'user.called', version: 3, data: { phone: '1' }, part: { index: 2, of: 2 } }),
  ];

  it('reads events as they are today, in every way', async () => {
    expect(await collect(store.readAggregate(user))).toEqual(today);
    expect(await collect(store.readAt(user, '2999-01-01T00:00:00Z'))).toEqual(today);
    expect(await collect(store.readAll())).toEqual(today);
    expect(await store.load(user)).toEqual({ version: 3, events: today });
    expect(await store.count()).toBe(3);
  });

  it('reads backwards with the parts of an event in their order', async () => {
    expect(await collect(store.readAggregate(user, { direction: 'backwards' }))).toEqual([
      today[1],
      today[2],
      today[0],
    ]);
  });

  it('follows events as they are today', async () => {
    const seen: RecordedEvent[] = [];
    for await (const event of store.follow({}, { from: 'beginning' })) {
      seen.push(event);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual(today);
  });

  it('writes the current schema version', async () => {
    await store.append(user, { type: 'user.created', data: { name: 'Bob' } });
    const [newest] = await collect(inner.readAggregate(user, { fromVersion: 4 }));
    expect(newest).toMatchObject({ schemaVersion: 2, data: { name: 'Bob' } });
  });

  it('refuses data that are not as declared, with every problem, and stores nothing', async () => {
    const bad = { type: 'user.named', data: 'bad' };
    await expect(store.append(user, [bad, { type: 'user.created', data: {}, schemaVersion: 1 }])).rejects.toMatchObject(
      {
        code: 'validation-failed',
        errors: [
          { path: 'events.0.data.deep.0', message: 'must be ok' },
          { path: 'events.1.schemaVersion', message: expect.stringContaining('must be 2') },
        ],
      },
    );
    const parts = [{ aggregate: user, events: [{ type: 'x', data: 1 }] }, { events: [bad] }];
    await expect(store.appendAll(parts)).rejects.toMatchObject({ errors: [{ path: 'parts.1.events.0.data.deep.0' }] });
    expect(await inner.currentVersion(user)).toBe(3);
    await expect(store.append(user, { type: 'user.named', data: 'ok' })).resolves.toMatchObject({
      heads: [{ version: 4 }],
    });
  });

  it('leaves what is no event to the store to refuse', async () => {
    for (const events of [undefined, null, [], [null], [{ data: 1 }], 5]) {
      await expect(store.append(user, events as never)).rejects.toMatchObject({ code: 'validation-failed' });
    }
    await expect(store.appendAll(undefined as never)).rejects.toMatchObject({ code: 'validation-failed' });
    await expect(store.appendAll([null] as never)).rejects.toMatchObject({ code: 'validation-failed' });
  });

  it('refuses types that are not declared where the registry says so', async () => {
    const strict = withRegistry(inner, new EventRegistry({ unknownTypes: 'reject' }).add({ a: {} }).seal());
    await expect(strict.append(user, { type: 'b', data: 1 })).rejects.toMatchObject({
      errors: [{ path: 'events.0.type', message: 'is not declared in the registry' }],
    });
    await strict.append(user, { type: 'a', data: 1 });
  });
});
