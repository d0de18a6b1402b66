import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { Listener, ReplayStores, untilOver } from './replays.spec-support.ts';

let server: TestNatsServer;
const stores = new ReplayStores(() => server);

beforeAll(async () => {
  server = await startNatsServer();
});

afterEach(() => stores.close());

afterAll(async () => {
  await server.stop();
});

describe('a replay over several streams', () => {
  it('merges them by the time at which they were recorded, and keeps a checkpoint of each', async () => {
    const store = await stores.open(
      { drive: true },
      { topology: { streams: [{ stream: 'REPLAY_ORDERS', aggregateTypes: ['order'] }] } },
    );
    const tenantId = 'streams';
    for (let n = 1; n <= 10; n++) {
      const type = n % 2 ? 'order' : 'walk';
      await store.append({ type, id: '1', tenantId }, { type: 'step.done', data: { n } });
    }
    const target = { type: 'subject', subject: 'demo.streams' } as const;
    const listener = await Listener.start(server.url, target.subject);
    const { id } = await store.replays.start({ filter: { tenantId }, target });
    const job = await untilOver(store, id);
    expect(job).toMatchObject({ state: 'completed', total: 10, delivered: 10 });
    expect(job.checkpoint.map(({ stream }) => stream).sort()).toEqual(['EVENTS', 'REPLAY_ORDERS']);
    expect(listener.numbers()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    await listener.stop();
  });
});
