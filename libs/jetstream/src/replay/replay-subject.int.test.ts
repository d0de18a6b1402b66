import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Listener, ReplayStores, fill, untilOver } from './replays.spec-support.ts';

let server: TestNatsServer;
const stores = new ReplayStores(() => server);

beforeAll(async () => {
  server = await startNatsServer();
});

afterEach(() => stores.close());

afterAll(async () => {
  await server.stop();
});

describe('a replay to a subject', () => {
  it('publishes every event in order, marked as replayed, and is completed', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 1_234);
    const listener = await Listener.start(server.url, 'demo.first');
    const started = await store.replays.start({
      filter: { tenantId },
      target: { type: 'subject', subject: 'demo.first' },
    });
    expect(started).toMatchObject({ state: 'pending', delivered: 0, dryRun: false });
    const job = await untilOver(store, started.id);
    expect(job).toMatchObject({ state: 'completed', total: 1_234, delivered: 1_234, failed: 0, rate: 0 });
    expect(job.checkpoint).toEqual([{ stream: 'EVENTS', sequence: 1_234 }]);
    expect(listener.numbers()).toEqual(Array.from({ length: 1_234 }, (_, i) => i + 1));
    expect(listener.bodies[0]).toMatchObject({
      type: 'step.done',
      tenantId,
      version: 1,
      position: { stream: 'EVENTS', sequence: 1 },
      metadata: { replay: true, replayId: started.id },
    });
    expect(listener.replayIds()).toEqual(new Set([started.id]));
    await listener.stop();
  });

  it('leaves no consumer behind', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 10);
    const target = { type: 'subject', subject: 'demo.gone' } as const;
    const { id } = await store.replays.start({ filter: { tenantId }, target });
    await untilOver(store, id);
    const nc = await connect({ servers: server.url });
    const names = (await (await jetstreamManager(nc)).consumers.list('EVENTS').next()).map(({ name }) => name);
    expect(names.filter((name) => name.startsWith('replay-'))).toEqual([]);
    await nc.close();
  });
});
