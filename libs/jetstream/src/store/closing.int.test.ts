import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from './open-jetstream-store.ts';

const first = { type: 'order', id: 'first' };
const second = { type: 'order', id: 'second' };

describe('a store that is closed while a handler runs', () => {
  let server: TestNatsServer;
  let store: EventStore;

  beforeAll(async () => {
    server = await startNatsServer();
  });

  afterAll(async () => {
    await store?.close();
    await server?.stop();
  });

  it('lets it finish with reads and appends, then takes no more calls', async () => {
    store = await openJetStreamStore({ servers: server.url });
    await store.append(first, { type: 'order.placed', data: 1 });
    let goOn = (): void => {};
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    let begun = false;
    const done: unknown[] = [];
    await store.subscriptions.subscribe({ name: 'orders', filter: { eventTypes: ['order.placed'] } }, async () => {
      begun = true;
      await mayGoOn;
      done.push((await store.load(first)).version);
      done.push((await store.append(second, { type: 'order.noted', data: 2 })).heads[0]!.version);
    });
    await eventually(() => begun);
    const closed = store.close();
    goOn();
    await closed;
    expect(done).toEqual([1, 1]);
    await expect(store.append(second, { type: 'order.noted', data: 3 })).rejects.toMatchObject({
      code: 'store-closed',
    });
    await expect(store.load(first)).rejects.toMatchObject({ code: 'store-closed' });
    const next = await openJetStreamStore({ servers: server.url });
    expect(await next.currentVersion(second)).toBe(1);
    expect(await next.subscriptions.get('orders')).toMatchObject({ pending: 0, ackPending: 0 });
    await next.close();
  });
});
