import type { EventStore } from '@annals/core';

/** 2024-01-01T00:00:00Z plus so many seconds. */
export const at = (seconds: number): string => new Date(Date.UTC(2024, 0, 1) + seconds * 1_000).toISOString();

/** 260 events of the tenant `default` and one of `acme`: users, vendors, an id of two types, one without aggregate, a long one. */
export async function storeSampleEvents(store: EventStore): Promise<void> {
  const types = ['user.created', 'user.updated', 'user.updated', 'user.location.updated', 'user.deleted'];
  for (const [i, type] of types.entries()) {
    await store.append({ type: 'user', id: 'u1' }, { type, data: i + 1, timestamp: at(i) });
  }
  await store.append({ type: 'user', id: 'u2' }, { type: 'user.created', data: 'u2', timestamp: at(10) });
  await store.append({ type: 'vendor', id: 'v1' }, { type: 'vendor.created', data: 'v1', timestamp: at(20) });
  await store.append({ type: 'user', id: 'both' }, { type: 'user.created', data: 'as user', timestamp: at(30) });
  await store.append({ type: 'vendor', id: 'both' }, { type: 'vendor.created', data: 'as vendor', timestamp: at(31) });
  await store.append({ type: 'user', id: 'u1', tenantId: 'acme' }, { type: 'user.created', data: 'acme' });
  await store.appendAll([{ events: [{ type: 'system.noticed', data: 'no aggregate', timestamp: at(40) }] }]);
  const many = Array.from({ length: 250 }, (_, i) => ({
    type: i % 5 ? 'tick' : 'tock',
    data: i + 1,
    timestamp: at(i),
  }));
  await store.append({ type: 'clock', id: 'c1' }, many);
}
