import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from '../bootstrap/built-gateway.spec-support.ts';
import { SocketReader } from './socket-reader.spec-support.ts';
import { SseReader } from './sse-reader.spec-support.ts';

const TOPOLOGY = '[{"stream":"ORDERS","aggregateTypes":["order"]}]';
const MIB = 1024 * 1024;

describe('live events of the built gateway', () => {
  let server: TestNatsServer;
  let gateway: BuiltGateway;

  beforeAll(async () => {
    server = await startNatsServer();
    gateway = await startBuiltGateway({
      NATS_URL: server.url,
      STREAM_TOPOLOGY: TOPOLOGY,
      LIVE_STALL_TIMEOUT_MS: '1000',
      LIVE_BUFFER_BYTES: '65536',
    });
    await untilReady(gateway);
  }, 60_000);

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  /** Appends numbered events to two streams in turn, again until it is answered. */
  const append = async (tenantId: string, from: number, to: number) => {
    for (let n = from; n <= to; n++) {
      const aggregateType = n % 2 ? 'order' : 'user';
      const event = { type: 'number.added', tenantId, aggregateType, aggregateId: '1', data: { n } };
      const messageId = `${tenantId}-${n}`;
      await eventually(async () => (await post(`${gateway.url}/events`, { ...event, messageId })).status < 300, {
        deadlineMs: 30_000,
      });
    }
  };
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
  const metric = async (sample: string) => {
    const text = await (await fetch(`${gateway.url}/metrics`)).text();
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.split(' ')[1] ?? 0,
    );
  };

  it('go on over kill -9 of nats-server, for those who stay and those who come back with their last id', async () => {
    const tenantId = 'killed';
    const live = `${gateway.url}/events/live?tenantId=${tenantId}`;
    const staying = await (await SseReader.open(live)).caughtUp();
    const socket = await SocketReader.open(`${gateway.url}/events/ws?tenantId=${tenantId}`);
    await socket.subscribed({ id: 's' });
    let leaving = await (await SseReader.open(live)).caughtUp();
    const seen: number[] = [];
    const comeBack = async () => {
      leaving.close();
      seen.push(...leaving.numbers);
      leaving = await SseReader.open(live, { 'last-event-id': leaving.lastEventId });
    };
    await append(tenantId, 1, 40);
    await comeBack();
    await append(tenantId, 41, 60);
    await server.kill();
    const appended = append(tenantId, 61, 90);
    await server.restart();
    await appended;
    await comeBack();
    await append(tenantId, 91, 100);
    expect(sorted(await staying.until(100, 20_000))).toEqual(range(1, 100));
    expect(sorted(await socket.until('s', 100, 20_000))).toEqual(range(1, 100));
    await eventually(() => seen.length + leaving.numbers.length >= 100, { deadlineMs: 20_000 });
    expect(sorted([...seen, ...leaving.numbers])).toEqual(range(1, 100));
    // Each stream by itself is in order.
    for (const rest of [0, 1]) {
      const ofStream = staying.numbers.filter((n) => n % 2 === rest);
      expect(ofStream).toEqual(sorted(ofStream));
    }
    for (const client of [staying, leaving, socket]) client.close();
  }, 60_000);

  it('come to curl -N within moments', async () => {
    const curl = spawn('curl', ['-sN', `${gateway.url}/events/live?tenantId=curl`]);
    let output = '';
    curl.stdout.on('data', (text: Buffer) => (output += text.toString()));
    await eventually(() => output.includes('event: caught-up'));
    await append('curl', 1, 1);
    await eventually(() => output.includes('"n":1'));
    expect(output).toMatch(/^id: EVENTS:\d+,ORDERS:\d+\ndata: \{"id":"curl-1",/m);
    curl.kill();
    await once(curl, 'exit');
  });

  it('take bounded memory however many clients take nothing', async () => {
    const deaf = range(1, 30).map(() => {
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
      socket.pause();
      socket.write('GET /events/live?tenantId=deaf HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
      return socket;
    });
    await eventually(async () => (await metric('annals_live_clients{transport="sse"}')) >= 30);
    const before = await metric('process_resident_memory_bytes');
    const padding = 'x'.repeat(100_000);
    const event = { type: 'large', tenantId: 'deaf', aggregateType: 'user', aggregateId: 'deaf', data: { padding } };
    for (let i = 0; i < 12; i++) {
      const events = range(1, 20).map(() => event);
      expect((await post(`${gateway.url}/events`, { events })).status).toBe(201);
    }
    // 24 MB for each of 30 clients, 720 MB in all, of which 64 KiB and one event may be kept for each.
    await eventually(async () => (await metric('annals_live_clients_dropped_total{reason="too-slow"}')) >= 30, {
      deadlineMs: 20_000,
    });
    expect((await metric('process_resident_memory_bytes')) - before).toBeLessThan(250 * MIB);
    await eventually(async () => (await metric('annals_live_clients{transport="sse"}')) === 0);
    for (const socket of deaf) socket.destroy();
  }, 60_000);

  it('end in order at SIGTERM: a reason, and a close code', async () => {
    const own = await startBuiltGateway({ NATS_URL: server.url, STREAM_TOPOLOGY: TOPOLOGY });
    await untilReady(own);
    const reader = await (await SseReader.open(`${own.url}/events/live`)).caughtUp();
    const socket = await SocketReader.open(`${own.url}/events/ws`);
    own.signal('SIGTERM');
    expect(await own.ended).toEqual({ code: 0, signal: null });
    expect(JSON.parse(reader.named('problem')!.data)).toMatchObject({ code: 'shutting-down' });
    expect(await eventually(() => socket.closed)).toMatchObject({ code: 1001 });
  });
});
