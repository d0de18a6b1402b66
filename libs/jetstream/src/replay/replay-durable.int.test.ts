import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { Listener, ReplayStores, fill, untilOver } from './replays.spec-support.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
const stores = new ReplayStores(() => server);

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
  jsm = await jetstreamManager(nc);
});

afterEach(() => stores.close());

afterAll(async () => {
  await nc.close();
  await server.stop();
});

const durables = async () =>
  (await jsm.consumers.list('EVENTS').next()).filter(({ name }) => name.startsWith('replay-'));

describe('the durable consumer of a replay', () => {
  it('shows how far the replay is, and goes when that is paused', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 500);
    const target = { type: 'subject', subject: 'durable.shown' } as const;
    const { id } = await store.replays.start({ filter: { tenantId }, target, ratePerSecond: 200 });
    await eventually(async () => ((await durables())[0]?.ack_floor.stream_seq ?? 0) >= 100);
    const [durable] = await durables();
    expect(durable).toMatchObject({ name: `replay-${id}-1`, config: { durable_name: `replay-${id}-1` } });
    expect((await store.replays.get(id)).checkpoint[0]!.sequence).toBeGreaterThanOrEqual(durable!.ack_floor.stream_seq);
    await store.replays.pause(id);
    await eventually(async () => (await durables()).length === 0);
    await store.replays.cancel(id);
  });

  it('is made anew when somebody deletes it: nothing is missed or doubled', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 2_000);
    const listener = await Listener.start(server.url, 'durable.deleted');
    const target = { type: 'subject', subject: 'durable.deleted' } as const;
    const { id } = await store.replays.start({ filter: { tenantId }, target, ratePerSecond: 1_000 });
    await eventually(() => listener.bodies.length >= 200);
    for (const { name } of await durables()) await jsm.consumers.delete('EVENTS', name);
    expect(await untilOver(store, id)).toMatchObject({ state: 'completed', delivered: 2_000 });
    expect(listener.numbers()).toEqual(Array.from({ length: 2_000 }, (_, i) => i + 1));
    await listener.stop();
  });
});
