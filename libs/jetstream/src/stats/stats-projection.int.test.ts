import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStats, type Logger, StoreTally, silentLogger, statsOf } from '@annals/core';
import { type TestNatsServer, eventually, startNatsCluster, startNatsServer } from '@annals/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { STATS_BUCKET, checkpointKey } from '../bucket/bucket-names.ts';
import { Bucket } from '../bucket/bucket.ts';
import { KeptDocument } from '../bucket/document.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { RetentionRecords } from '../retention/retention-records.ts';
import { type PublishedEvent, eventsOf, publishEvent, publishEvents } from '../scan/published-events.spec-support.ts';
import { type Topology, resolveTopology } from '../topology/topology.ts';
import { createStatsProjection } from './stats-projection.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let topology: Topology;
let stream: string;
let prefix: string;
let stores = 0;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  jsm = await checkServer(nc);
});

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

/** A store of its own for every test. */
beforeEach(async () => {
  topology = resolveTopology({ defaultStream: `STATS${++stores}` });
  ({ name: stream, prefix } = topology.defaultBinding);
  await provisionStreams(jsm, topology, { logger: silentLogger });
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** What a process of its own would have: connection, channel, projection. It says when it counts from the start. */
async function newProcess(options: { of?: Topology; servers?: string[]; checkpointEveryMs?: number } = {}) {
  const connection = await connect({
    servers: options.servers ?? server.url,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  const channel = new RequestChannel(connection, 5_000);
  const said: string[] = [];
  const logger: Logger = { ...silentLogger, info: (line) => said.push(line), warn: (line) => said.push(line) };
  const retention = new RetentionRecords({ nc: connection, logger });
  const projection = createStatsProjection({
    channel,
    topology: options.of ?? topology,
    retention,
    logger,
    checkpointEveryMs: options.checkpointEveryMs ?? 60_000,
  });
  const close = async () => {
    await projection.close();
    channel.close();
    await connection.close();
  };
  cleanups.push(close);
  const countings = () => said.filter((line) => line.includes('counting all events')).length;
  return { connection, projection, close, countings, said };
}

function countOf(events: readonly PublishedEvent[], tenantId?: string): EventStats {
  const tally = new StoreTally();
  for (const event of events) tally.add(event);
  return statsOf([{ counted: tally }], tenantId);
}

const checkpointOf = (name: string) =>
  new KeptDocument(nc, new Bucket(nc, STATS_BUCKET, { description: 'test' }), checkpointKey(name));

/** Events of several tenants, types and shapes, by a fixed rule. */
function someEvents(count: number, salt = 0): PublishedEvent[] {
  return Array.from({ length: count }, (_, i): PublishedEvent => {
    const tenantId = ['acme', 'ünïcode.*>', '-'][i % 3]!;
    const timestamp = new Date(1.7e12 + ((i * 7919 + salt) % 100_000) * 1000).toISOString();
    if (i % 5 === 0) return { tenantId, type: 'audit.noted', messageId: `m${salt}-${i}`, timestamp };
    const aggregateType = ['user', 'order.line', '__proto__'][(i % 4) % 3]!;
    const aggregateId = `${salt}-${Math.floor(i / 12)}`;
    return {
      tenantId,
      aggregateType,
      aggregateId,
      version: (i % 12) + 1,
      type: `${i % 2 ? 'a' : 'b.c'}.${i % 7}`,
      timestamp,
    };
  });
}

describe('StatsProjection', () => {
  it('has nothing to say of an empty store', async () => {
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf([]));
    expect(await projection.stats('acme')).toEqual(countOf([]));
  });

  it('says what a full count says, for all and for each tenant', async () => {
    const events = someEvents(2_500);
    await publishEvents(nc, prefix, events);
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf(events));
    for (const tenantId of ['acme', 'ünïcode.*>', '-', 'nobody']) {
      expect(await projection.stats(tenantId)).toEqual(countOf(events, tenantId));
    }
  });

  it('adds up over all streams of the topology', async () => {
    const name = `${stream}_ORDERS`;
    const several = resolveTopology({ defaultStream: stream, streams: [{ stream: name, aggregateTypes: ['order'] }] });
    await provisionStreams(jsm, several, { logger: silentLogger });
    const users = eventsOf('user', '1', 30);
    const orders = eventsOf('order', '1', 50);
    await publishEvents(nc, prefix, users);
    await publishEvents(nc, several.bindingOf('order').prefix, orders);
    const { projection } = await newProcess({ of: several });
    expect(await projection.stats()).toEqual(countOf([...users, ...orders]));
  });

  it('counts neither idempotency markers nor the store’s own events nor what is no event', async () => {
    const events = eventsOf('user', '1', 3);
    await publishEvents(nc, prefix, events);
    await publishEvents(nc, prefix, [{ ...events[0]!, version: 4, type: 'annals.event.redacted' }]);
    nc.publish(`${prefix}.not.an.event`, 'x');
    nc.publish(`idem.${stream}.acme.key`, 'x');
    await nc.flush();
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf(events));
    nc.publish(`idem.${stream}.acme.other-key`, 'x');
    await nc.flush();
    expect(await projection.stats()).toEqual(countOf(events));
  });

  it('includes every event that was acknowledged before, each time it is asked', async () => {
    const { projection } = await newProcess();
    const other = await newProcess();
    for (const [i, event] of eventsOf('user', '1', 40).entries()) {
      await publishEvent(nc, prefix, event);
      const asked = i % 2 ? projection : other.projection;
      expect((await asked.stats('acme')).totalEvents).toBe(i + 1);
    }
  });

  it('is exact under concurrent writers, in every process, at any moment', async () => {
    const processes = await Promise.all([newProcess({ checkpointEveryMs: 20 }), newProcess({ checkpointEveryMs: 20 })]);
    let acknowledged = 0;
    let sent = 0;
    const writers = [1, 2, 3].map(async (writer) => {
      for (const event of someEvents(300, writer)) {
        sent++;
        await publishEvent(nc, prefix, event);
        acknowledged++;
      }
    });
    let writing = true;
    const done = Promise.all(writers).then(() => (writing = false));
    while (writing) {
      const before = acknowledged;
      const answers = await Promise.all(processes.map(({ projection }) => projection.stats()));
      for (const { totalEvents, eventTypeBreakdown } of answers) {
        expect(totalEvents).toBeGreaterThanOrEqual(before);
        expect(totalEvents).toBeLessThanOrEqual(sent);
        expect(Object.values(eventTypeBreakdown).reduce((sum, n) => sum + n, 0)).toBe(totalEvents);
      }
    }
    await done;
    const all = [1, 2, 3].flatMap((writer) => someEvents(300, writer));
    for (const { projection } of processes) expect(await projection.stats()).toEqual(countOf(all));
    const late = await newProcess();
    expect(await late.projection.stats()).toEqual(countOf(all));
  });

  it('goes on where the last process ended instead of counting again', async () => {
    const events = someEvents(600);
    await publishEvents(nc, prefix, events.slice(0, 400));
    const first = await newProcess();
    expect(await first.projection.stats()).toEqual(countOf(events.slice(0, 400)));
    await first.close();
    await publishEvents(nc, prefix, events.slice(400));
    const second = await newProcess();
    expect(await second.projection.stats()).toEqual(countOf(events));
    expect([first.countings(), second.countings()]).toEqual([1, 0]);
  });

  it('keeps a checkpoint while it runs, and none that is behind another process’s', async () => {
    const [ahead, behind] = await Promise.all([newProcess({ checkpointEveryMs: 10 }), newProcess()]);
    await publishEvents(nc, prefix, eventsOf('user', '1', 10));
    await behind.projection.stats();
    await publishEvents(nc, prefix, eventsOf('user', '1', 10, 10));
    await ahead.projection.stats();
    const kept = async () => ((await checkpointOf(stream).read()) as { value?: { position: number } }).value?.position;
    await eventually(async () => (await kept()) === 20);
    await behind.close();
    expect(await kept()).toBe(20);
  });

  it.each<[string, (name: string) => Promise<unknown>]>([
    ['is lost', () => jsm.streams.delete(`KV_${STATS_BUCKET}`)],
    ['is damaged', (name) => nc.request(`$KV.${STATS_BUCKET}.${checkpointKey(name)}`, 'garbage')],
    [
      'is of another format',
      async (name) => checkpointOf(name).write({ position: 'far' }, await checkpointOf(name).read()),
    ],
    [
      'is of a stream that was restored from a backup since',
      async (name) => {
        const document = await checkpointOf(name).read();
        const { value } = document as { value: Record<string, unknown> };
        const anchor = { sequence: 100, recordedAtNs: '1700000000000000000' };
        await checkpointOf(name).write({ ...value, position: 100, anchor }, document);
      },
    ],
    [
      'is ahead of the stream',
      async (name) => {
        const document = await checkpointOf(name).read();
        const { value } = document as { value: Record<string, unknown> };
        await checkpointOf(name).write({ ...value, position: 1_000_000 }, document);
      },
    ],
  ])('counts anew when the checkpoint %s', async (_, harm) => {
    const events = someEvents(150);
    await publishEvents(nc, prefix, events);
    const first = await newProcess();
    await first.projection.stats();
    await first.close();
    await harm(stream);
    const second = await newProcess();
    expect(await second.projection.stats()).toEqual(countOf(events));
    expect(second.countings()).toBe(1);
    await second.close();
    const third = await newProcess();
    expect(await third.projection.stats()).toEqual(countOf(events));
    expect(third.countings()).toBe(0);
  });

  it('forgets a stream that was deleted and made anew, while it runs and from a checkpoint', async () => {
    await publishEvents(nc, prefix, someEvents(100));
    const running = await newProcess();
    const stopped = await newProcess();
    await Promise.all([running.projection.stats(), stopped.projection.stats()]);
    await stopped.close();
    await jsm.streams.delete(stream);
    await provisionStreams(jsm, topology, { logger: silentLogger });
    const events = someEvents(120, 5);
    await publishEvents(nc, prefix, events);
    const fresh = await newProcess();
    for (const { projection } of [running, fresh]) expect(await projection.stats()).toEqual(countOf(events));
  });

  it('answers store-unavailable while the stream is gone, and right again afterwards', async () => {
    const { projection } = await newProcess();
    await projection.stats();
    await jsm.streams.delete(stream);
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-unavailable' });
    await provisionStreams(jsm, topology, { logger: silentLogger });
    expect(await projection.stats()).toEqual(countOf([]));
  });

  it('answers store-closed once it is closed, also to those who wait', async () => {
    const { projection, close } = await newProcess();
    await publishEvents(nc, prefix, someEvents(50));
    const waiting = projection.stats().catch((error: unknown) => error);
    await projection.close();
    await projection.close();
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-closed' });
    expect([{ code: 'store-closed' }, countOf(someEvents(50))]).toContainEqual(
      await waiting.then((outcome) =>
        outcome instanceof Error ? { code: (outcome as { code?: string }).code } : outcome,
      ),
    );
    await close();
  });

  it('goes on over a server that is killed and started again', async () => {
    const own = await startNatsServer();
    cleanups.push(() => own.stop());
    const { connection, projection, countings } = await newProcess({ servers: [own.url] });
    await provisionStreams(await checkServer(connection), topology, { logger: silentLogger });
    const events = someEvents(300);
    await publishEvents(connection, prefix, events.slice(0, 200));
    await projection.stats();
    await own.kill();
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-unavailable' });
    await own.restart();
    await eventually(() => publishEvents(connection, prefix, []).then(() => connection.rtt()));
    await publishEvents(connection, prefix, events.slice(200));
    expect(await projection.stats()).toEqual(countOf(events));
    expect(countings()).toBe(1);
  });

  it('sees what was acknowledged in a cluster, whichever server its consumer is on', async () => {
    const cluster = await startNatsCluster();
    cleanups.push(() => cluster.stop());
    const replicated = { logger: silentLogger, replicas: 3 };
    const processes = await Promise.all(cluster.urls.map((url) => newProcess({ servers: [url] })));
    await provisionStreams(await checkServer(processes[0]!.connection), topology, replicated);
    for (const [i, event] of eventsOf('user', '1', 60).entries()) {
      await publishEvent(processes[i % 3]!.connection, prefix, event);
      const { totalEvents } = await processes[(i + 1) % 3]!.projection.stats();
      expect(totalEvents).toBe(i + 1);
    }
  }, 60_000);
});
