import { once } from 'node:events';
import { connect } from 'node:net';
import { eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { SocketReader } from './socket-reader.spec-support.ts';
import { SseReader } from './sse-reader.spec-support.ts';

const PADDING = 'x'.repeat(20_000);
const MIB = 1024 * 1024;

describe('a live client', () => {
  let gateway: InMemoryGateway;
  const start = async (env: Record<string, string>) => {
    gateway = await startInMemoryGateway({ env: { LIVE_BUFFER_BYTES: '32768', ...env } });
  };
  afterEach(() => gateway.stop());

  /** Events of 20 KB with the numbers from and to. */
  const append = async (from: number, to: number) => {
    for (let n = from; n <= to; n += 50) {
      const events = Array.from({ length: Math.min(50, to - n + 1) }, (_, i) => ({
        type: 'number.added',
        data: { n: n + i, padding: PADDING },
      }));
      await gateway.store.append({ type: 'number', id: 'n' }, events);
    }
  };
  const value = async (sample: string) => {
    const { text } = await gateway.get('/metrics');
    return Number(
      text
        .split('\n')
        .find((line) => line.startsWith(`${sample} `))
        ?.split(' ')[1] ?? 0,
    );
  };
  const range = (to: number) => Array.from({ length: to }, (_, i) => i + 1);

  it('over SSE that stops taking gets everything once it takes again, and nothing is kept for it meanwhile', async () => {
    await start({});
    const reader = await (await SseReader.open(`${gateway.url}/events/live`)).caughtUp();
    reader.response.pause();
    await append(1, 1_500);
    // 30 MB are stored; what was sent fits into the system's buffers and the gateway's limit.
    expect(await value('annals_live_sent_bytes_total{transport="sse"}')).toBeLessThan(12 * MIB);
    reader.response.resume();
    expect(await reader.until(1_500)).toEqual(range(1_500));
    expect(await value('annals_live_catch_up_reads_total')).toBeGreaterThan(1);
    await append(1_501, 1_502);
    expect(await reader.until(1_502)).toEqual(range(1_502));
    reader.close();
  }, 20_000);

  it('over a WebSocket that stops taking gets everything once it takes again', async () => {
    await start({});
    const reader = await SocketReader.open(`${gateway.url}/events/ws`);
    await reader.subscribed({ id: 'a' });
    await reader.subscribed({ id: 'b' });
    reader.socket.pause();
    await append(1, 700);
    expect(await value('annals_live_sent_bytes_total{transport="websocket"}')).toBeLessThan(12 * MIB);
    reader.socket.resume();
    for (const id of ['a', 'b']) expect(await reader.until(id, 700)).toEqual(range(700));
    reader.close();
  }, 20_000);

  it('that never takes anything is dropped, over SSE and over a WebSocket, and others are not held up', async () => {
    await start({ LIVE_STALL_TIMEOUT_MS: '400' });
    const { port } = new URL(gateway.url);
    const deaf = connect(Number(port), '127.0.0.1');
    deaf.pause();
    deaf.write(`GET /events/live HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`);
    const deafSocket = await SocketReader.open(`${gateway.url}/events/ws`);
    await deafSocket.subscribed({ id: 'a' });
    deafSocket.socket.pause();
    const awake = await (await SseReader.open(`${gateway.url}/events/live`)).caughtUp();
    await eventually(async () => (await value('annals_live_clients{transport="sse"}')) === 2);
    await append(1, 1_500);
    expect(await awake.until(1_500)).toEqual(range(1_500));
    await eventually(async () => (await value('annals_live_clients_dropped_total{reason="too-slow"}')) === 2);
    await eventually(async () => (await value('annals_live_clients{transport="sse"}')) === 1);
    await eventually(async () => (await value('annals_live_clients{transport="websocket"}')) === 0);
    expect(awake.ended).toBe(false);
    deaf.destroy();
    deafSocket.close();
    awake.close();
  }, 20_000);

  it('that floods its socket with questions and takes no answer is not heard until it does', async () => {
    await start({ LIVE_STALL_TIMEOUT_MS: '400' });
    const reader = await SocketReader.open(`${gateway.url}/events/ws`);
    reader.socket.pause();
    // Answered with all that is wrong with it.
    const wrong = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`${i}`.padEnd(90, 'x'), 1]));
    const question = JSON.stringify({ type: 'ping', ...wrong });
    const flood = (): void => {
      for (let i = 0; i < 200 && reader.socket.bufferedAmount < MIB; i++) reader.send(question);
    };
    const flooding = setInterval(flood, 5);
    await eventually(async () => (await value('annals_live_clients_dropped_total{reason="too-slow"}')) === 1);
    clearInterval(flooding);
    reader.close();
    if (!reader.closed) await once(reader.socket, 'close');
  }, 20_000);
});
