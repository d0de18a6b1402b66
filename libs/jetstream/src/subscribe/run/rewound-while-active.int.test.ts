import type { EventStore } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../../store/open-jetstream-store.ts';

describe('a subscription that is set back while it is handled', () => {
  let server: TestNatsServer;
  let store: EventStore;

  beforeAll(async () => {
    server = await startNatsServer();
    store = await openJetStreamStore({ servers: server.url });
    for (const id of ['a', 'b', 'c']) {
      const events = Array.from({ length: 10 }, (_, i) => ({ type: 'order.placed', data: i + 1 }));
      await store.append({ type: 'order', id }, events);
    }
  });

  afterAll(async () => {
    await store.close();
    await server.stop();
  });

  it.each(['shared', 'ordered'] as const)('gets all of it again, each time (%s)', async (mode) => {
    const seen: string[] = [];
    const active = await store.subscriptions.subscribe(
      { name: `set-back-${mode}`, mode },
      ({ aggregateId, version }) => {
        seen.push(`${aggregateId}${version}`);
      },
    );
    try {
      await eventually(() => seen.length === 30);
      for (const [sequence, expected] of [
        [0, 60],
        [20, 70],
        [0, 100],
      ] as const) {
        await eventually(async () => (await store.subscriptions.get(active.name)).state === 'live');
        await store.subscriptions.rewind(active.name, { after: { stream: 'EVENTS', sequence } });
        await eventually(() => seen.length === expected, { deadlineMs: 10_000 });
      }
      expect(new Set(seen.slice(-30)).size).toBe(30);
    } finally {
      await active.stop();
    }
  });
});
