import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type EventStore } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { openJetStreamStore } from '../index.ts';
import { heapInUse } from '../read/heap.spec-support.ts';
import { type NumberFollower, appendNumbered, followNumbers } from './followed-numbers.spec-support.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let manager: JetStreamManager;
let writer: EventStore;
let reader: EventStore;
let tenants = 0;
const followers: NumberFollower[] = [];

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
const newTenant = () => `tenant-${++tenants}`;
const follow: typeof followNumbers = (...args) => {
  const follower = followNumbers(...args);
  followers.push(follower);
  return follower;
};
const consumers = async () => {
  const names: string[] = [];
  for await (const { name } of manager.consumers.list('EVENTS')) names.push(name);
  return names;
};

beforeAll(async () => {
  server = await startNatsServer();
  writer = await openJetStreamStore({ servers: server.url, appendTimeoutMs: 30_000 });
  reader = await openJetStreamStore({ servers: server.url });
  nc = await connect({ servers: server.url, maxReconnectAttempts: -1, reconnectTimeWait: 50 });
  manager = await jetstreamManager(nc);
});

afterEach(async () => {
  await Promise.all(followers.splice(0).map((follower) => follower.leave()));
});

afterAll(async () => {
  await Promise.all([writer?.close(), reader?.close()]);
  await nc?.close();
  await server?.stop();
});

describe('following', () => {
  it('misses nothing when nats-server is killed and restarted, while catching up and live', async () => {
    const tenant = newTenant();
    await appendNumbered(writer, tenant, 1, 300);
    const follower = follow(reader, tenant, { from: 'beginning' });
    await eventually(() => follower.numbers.length > 0);
    await server.kill();
    await server.restart();
    await follower.caughtUp;
    await appendNumbered(writer, tenant, 301, 320);
    await server.kill();
    await server.restart();
    await appendNumbered(writer, tenant, 321, 340);
    await eventually(() => follower.numbers.length >= 340);
    expect(follower.numbers).toEqual(range(1, 340));
  }, 40_000);

  it('begins also while nats-server is being restarted', async () => {
    const tenant = newTenant();
    await appendNumbered(writer, tenant, 1, 3);
    await server.kill();
    const follower = follow(reader, tenant, { from: 'now' });
    await server.restart();
    await follower.caughtUp;
    await appendNumbered(writer, tenant, 4, 5);
    await eventually(() => follower.numbers.length >= 2);
    expect(follower.numbers).toEqual([4, 5]);
  }, 20_000);

  it('goes on by another consumer when its own is deleted, and removes it in the end', async () => {
    const tenant = newTenant();
    const follower = follow(reader, tenant);
    await follower.caughtUp;
    await appendNumbered(writer, tenant, 1, 5);
    for (const name of await consumers()) await manager.consumers.delete('EVENTS', name);
    await appendNumbered(writer, tenant, 6, 10);
    await eventually(() => follower.numbers.length >= 10);
    expect(follower.numbers).toEqual(range(1, 10));
    await follower.leave();
    await eventually(async () => (await consumers()).length === 0);
  }, 20_000);

  it('from now gives all that is appended from the call on, however soon', async () => {
    for (let i = 0; i < 30; i++) {
      const tenant = newTenant();
      const from = i % 2 === 0 ? writer : reader;
      await appendNumbered(writer, tenant, 1, 2);
      const follower = follow(from, tenant);
      await appendNumbered(writer, tenant, 3, 6);
      await eventually(() => follower.numbers.at(-1) === 6);
      // What another process was told of shortly before may be among it.
      expect(follower.numbers.slice(-4)).toEqual([3, 4, 5, 6]);
      if (from === writer) expect(follower.numbers).toHaveLength(4);
      await follower.leave();
    }
  }, 20_000);

  it('hands over what is new within milliseconds', async () => {
    const tenant = newTenant();
    const follower = follow(reader, tenant);
    await follower.caughtUp;
    const latencies: number[] = [];
    for (let n = 1; n <= 100; n++) {
      await appendNumbered(writer, tenant, n, n);
      const acknowledgedAtMs = performance.now();
      await eventually(() => follower.numbers.length >= n, { intervalMs: 1 });
      latencies.push(follower.arrivedAtMs[n - 1]! - acknowledgedAtMs);
    }
    latencies.sort((a, b) => a - b);
    // Far more than it takes, for machines that are busy: no heartbeat or poll is waited for.
    expect(latencies[50]).toBeLessThan(100);
  }, 20_000);

  it('waits for a reader that takes slowly, in bounded memory, and misses nothing', async () => {
    const tenant = newTenant();
    const padding = 'x'.repeat(20_000);
    const iterator = reader.follow({ tenantId: tenant }, { from: 'beginning' })[Symbol.asyncIterator]();
    const add = async (from: number, count: number) => {
      const events = range(from, from + count - 1).map((n) => ({ type: 'number.added', data: { n, padding } }));
      for (let i = 0; i < events.length; i += 50) {
        await writer.append({ tenantId: tenant, type: 'number', id: 'n' }, events.slice(i, i + 50));
      }
    };
    await add(1, 1);
    const { value } = (await iterator.next()) as { value: { data: { n: number } } };
    expect(value.data.n).toBe(1);
    const before = heapInUse();
    // 40 MB, of which 2 MiB may be asked for, twice.
    await add(2, 2_000);
    expect(heapInUse() - before).toBeLessThan(15 * 1024 * 1024);
    for (let n = 2; n <= 2_001; n++) {
      const next = (await iterator.next()) as { value: { data: { n: number } } };
      if (next.value.data.n !== n) throw new Error(`${next.value.data.n} instead of ${n}`);
    }
    await iterator.return?.();
  }, 30_000);

  it('ends with an error when its stream is gone', async () => {
    const own = await startNatsServer();
    const store = await openJetStreamStore({ servers: own.url });
    try {
      const follower = followNumbers(store, 'gone');
      await follower.caughtUp;
      const connection = await connect({ servers: own.url });
      await (await jetstreamManager(connection)).streams.delete('EVENTS');
      await connection.close();
      await expect(follower.ended).rejects.toMatchObject({ code: 'store-unavailable' });
    } finally {
      await store.close();
      await own.stop();
    }
  }, 20_000);
});
