// The snippets of docs/guides/topology.md: each region stands there word for word.
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../index.ts';
import { page, regions, snippets } from './snippets.spec-support.ts';

let server: TestNatsServer;
let servers: string;
const stores: EventStore[] = [];

beforeEach(async () => {
  server = await startNatsServer();
  servers = server.url;
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  await server.stop();
});

async function openOrders(): Promise<EventStore> {
  // #region open
  const store = await openJetStreamStore({
    servers,
    topology: {
      streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }],
    },
  });
  // #endregion
  stores.push(store);
  return store;
}

describe('docs/guides/topology.md', () => {
  it('shows code that this test runs, all of it and no other', () => {
    expect(snippets(page('guides/topology.md'))).toEqual(regions(new URL(import.meta.url)));
  });

  it('gives types streams of their own, and refuses an append across streams', async () => {
    const store = await openOrders();
    const order = await store.append({ type: 'order', id: '1' }, { type: 'order.placed', data: {} });
    const user = await store.append({ type: 'user', id: 'ada' }, { type: 'user.created', data: {} });
    expect(order.heads[0]!.position.stream).toBe('ORDERS');
    expect(user.heads[0]!.position.stream).toBe('EVENTS');
    expect(await store.stats()).toMatchObject({ totalEvents: 2, uniqueAggregates: 2 });

    // #region cross
    const parts = [
      { aggregate: { type: 'order', id: '1' }, events: [{ type: 'order.placed', data: {} }] },
      { aggregate: { type: 'user', id: 'ada' }, events: [{ type: 'user.ordered', data: {} }] },
    ];
    const refused = await store.appendAll(parts).catch((error) => error.code); // 'cross-stream-append'
    // #endregion
    expect(refused).toBe('cross-stream-append');
    expect(await store.count()).toBe(2);
  });

  it('refuses to take a type with events away from its stream', async () => {
    const store = await openOrders();
    await store.append({ type: 'cart', id: '1' }, { type: 'cart.filled', data: {} });

    // #region misplaced
    const orders = { stream: 'ORDERS', aggregateTypes: ['order'] };
    const moved = openJetStreamStore({ servers, topology: { streams: [orders] } });
    const code = await moved.catch((error) => error.code); // 'misplaced-aggregate-type': carts have events in ORDERS
    // #endregion
    expect(code).toBe('misplaced-aggregate-type');
  });

  it('opens a store without touching its streams', async () => {
    await expect(openJetStreamStore({ servers, provisioning: 'verify' })).rejects.toMatchObject({
      code: 'provisioning-refused',
    });
    stores.push(await openJetStreamStore({ servers }));

    // #region verify
    const store = await openJetStreamStore({ servers, provisioning: 'verify' });
    // #endregion
    stores.push(store);
    expect((await store.status()).state).toBe('ready');
  });
});
