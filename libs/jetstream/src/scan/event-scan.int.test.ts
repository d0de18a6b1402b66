import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { RequestChannel } from '../connection/request-channel.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { resolveTopology } from '../topology/topology.ts';
import { EventScan } from './event-scan.ts';
import { eventsOf, publishEvents } from './published-events.spec-support.ts';
import type { OnScanned } from './scan-consumer.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let channel: RequestChannel;
let binding: StreamBinding;
let scanned: number[];
let streams = 0;

const collect: OnScanned = (msg, { sequence }) => {
  expect(msg.data).toHaveLength(0);
  scanned.push(sequence);
};
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  jsm = await checkServer(nc);
  channel = new RequestChannel(nc, 5_000);
});

afterAll(async () => {
  channel?.close();
  await nc?.close();
  await server?.stop();
});

beforeEach(async () => {
  const topology = resolveTopology({ defaultStream: `SCAN${++streams}` });
  await provisionStreams(jsm, topology, { logger: silentLogger });
  binding = topology.defaultBinding;
  scanned = [];
});

const publish = (count: number, after = 0) => publishEvents(nc, binding.prefix, eventsOf('user', 'a', count, after));

async function deleteConsumers(): Promise<number> {
  let deleted = 0;
  for await (const { name } of jsm.consumers.list(binding.name)) {
    await jsm.consumers.delete(binding.name, name);
    deleted++;
  }
  return deleted;
}

describe('EventScan', () => {
  it('hands over every event once, in order and without its body, and goes on with what is new', async () => {
    await publish(30);
    const scan = new EventScan(channel, binding, 0);
    await scan.advance(30, collect);
    expect(scanned).toEqual(range(1, 30));
    await publish(5, 30);
    await scan.advance(35, collect);
    expect(scanned).toEqual(range(1, 35));
    expect(scan.position).toBe(35);
    scan.close();
  });

  it('begins behind the sequence that it is given', async () => {
    await publish(10);
    const scan = new EventScan(channel, binding, 7);
    await scan.advance(10, collect);
    expect(scanned).toEqual([8, 9, 10]);
    scan.close();
  });

  it('reaches an end that is no event: a marker, or something deleted', async () => {
    await publish(3);
    nc.publish(`idem.${binding.name}.acme.key`, 'x');
    await nc.flush();
    await publish(1, 3);
    await jsm.streams.deleteMessage(binding.name, 5);
    const scan = new EventScan(channel, binding, 0);
    await scan.advance(5, collect);
    expect(scanned).toEqual([1, 2, 3]);
    expect(scan.position).toBe(5);
    scan.close();
  });

  it('hands over in portions as large as asked', async () => {
    await publish(25);
    const scan = new EventScan(channel, binding, 0);
    const portions: number[] = [];
    for (let more = true; more;) {
      const before = scanned.length;
      more = await scan.next(10, 25, collect);
      portions.push(scanned.length - before);
    }
    expect(portions).toEqual([10, 10, 5]);
    scan.close();
  });

  it('goes on when its consumer was deleted', async () => {
    await publish(20);
    const scan = new EventScan(channel, binding, 0);
    await scan.next(10, 20, collect);
    expect(await deleteConsumers()).toBe(1);
    await scan.advance(20, collect);
    expect(scanned).toEqual(range(1, 20));
    scan.close();
  });

  it('goes on when the server was killed and started again', async () => {
    await publish(20);
    const scan = new EventScan(channel, binding, 0);
    await scan.next(10, 20, collect);
    await server.kill();
    const going = scan.advance(20, collect);
    await server.restart();
    await going;
    expect(scanned).toEqual(range(1, 20));
    scan.close();
  });

  it('ends with the reason of its signal', async () => {
    await publish(5);
    const scan = new EventScan(channel, binding, 0);
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(scan.advance(5, collect, signal)).rejects.toThrow('enough');
    expect(scanned).toEqual([]);
    scan.close();
  });

  it('leaves no consumer behind', async () => {
    await publish(5);
    const scan = new EventScan(channel, binding, 0);
    await scan.advance(5, collect);
    scan.close();
    await nc.flush();
    expect((await jsm.streams.info(binding.name)).state.consumer_count).toBe(0);
  });
});
