import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DeadLettersResponse, ReplayJobBody, RewindResponse, SubscriptionBody } from '@annals/contract';
import type { EventStore } from '@annals/core';
import { openJetStreamStore } from '@annals/events';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from '../bootstrap/built-gateway.spec-support.ts';

const EVENTS = 400;

describe('operations over HTTP, with the built gateway and a real server', () => {
  let server: TestNatsServer;
  let directory: string;
  let service: EventStore;
  let gateway: BuiltGateway;
  const gateways: BuiltGateway[] = [];

  beforeAll(async () => {
    server = await startNatsServer();
    directory = await mkdtemp(join(tmpdir(), 'annals-replays-'));
    service = await openJetStreamStore({ servers: server.url });
    gateway = await start();
    const orders = Array.from({ length: EVENTS }, (_, i) => ({ type: 'order.placed', data: { number: i + 1 } }));
    await service.append({ type: 'order', id: 'o1' }, orders);
  }, 60_000);

  afterAll(async () => {
    for (const each of gateways) await each.stop();
    await service.close();
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  });

  async function start(): Promise<BuiltGateway> {
    const started = await startBuiltGateway({ NATS_URL: server.url, REPLAY_FILE_DIRECTORY: directory });
    gateways.push(started);
    await untilReady(started);
    return started;
  }

  const read = async <Body>(path: string): Promise<Body> =>
    (await (await fetch(`${gateway.url}${path}`)).json()) as Body;
  const act = async <Body>(path: string, body: unknown = {}): Promise<Body> => {
    const answer = await post(`${gateway.url}${path}`, body);
    expect([path, answer.status]).toEqual([path, expect.any(Number)]);
    expect(answer.ok).toBe(true);
    return (await answer.json()) as Body;
  };
  const job = (id: string): Promise<ReplayJobBody> => read(`/events/replays/${id}`);

  it('hand a replay over to the next gateway when one is killed, which goes on where it stood', async () => {
    const target = { file: 'orders.ndjson' };
    const { id } = await act<ReplayJobBody>('/events/replay', { eventTypes: ['order.*'], target, ratePerSecond: 150 });
    await eventually(async () => (await job(id)).delivered > 0);
    gateway.signal('SIGKILL');
    await gateway.ended;
    gateway = await start();
    const taken = await job(id);
    expect(taken.delivered).toBeLessThan(EVENTS);
    await eventually(async () => (await job(id)).state === 'completed', { deadlineMs: 30_000 });
    expect(await job(id)).toMatchObject({
      inProgress: false,
      eventCount: EVENTS,
      successCount: EVENTS,
      failureCount: 0,
    });
    const lines = (await readFile(join(directory, 'orders.ndjson'), 'utf8')).trimEnd().split('\n');
    const numbers = lines.map((line) => (JSON.parse(line) as { data: { number: number } }).data.number);
    expect(numbers).toEqual(Array.from({ length: EVENTS }, (_, i) => i + 1));
  }, 60_000);

  it('pause, resume and cancel a replay', async () => {
    const { id } = await act<ReplayJobBody>('/events/replay', { target: { subject: 'replayed' }, ratePerSecond: 20 });
    await eventually(async () => (await job(id)).delivered > 0);
    await act(`/events/replays/${id}/pause`);
    await eventually(async () => (await job(id)).state === 'paused' && (await job(id)).rate === 0);
    const { delivered } = await job(id);
    await act(`/events/replays/${id}/resume`);
    await eventually(async () => (await job(id)).delivered > delivered);
    await act(`/events/replays/${id}/cancel`);
    expect(await job(id)).toMatchObject({ state: 'cancelled', inProgress: false });
    expect((await post(`${gateway.url}/events/replays/${id}/resume`, {})).status).toBe(409);
  }, 30_000);

  it('rewind a subscription that a service handles, and have its dead letters handled again', async () => {
    const seen: number[] = [];
    let isBroken = true;
    const active = await service.subscriptions.subscribe(
      { name: 'billing', filter: { eventTypes: ['order.*'] }, maxDeliver: 1 },
      ({ data }) => {
        const { number } = data as { number: number };
        if (isBroken && number === 7) throw new Error('no such account');
        seen.push(number);
      },
    );
    try {
      await eventually(async () => (await read<SubscriptionBody>('/events/subscriptions/billing')).deadLetters === 1);
      await eventually(() => seen.length === EVENTS - 1);
      const { deadLetters } = await read<DeadLettersResponse>('/events/dead-letters?subscription=billing');
      expect(deadLetters).toMatchObject([{ error: { message: 'no such account' }, event: { data: { number: 7 } } }]);

      isBroken = false;
      const redriven = await act(`/events/dead-letters/${deadLetters[0]!.id}/redrive`);
      expect(redriven).toEqual({ matched: 1, redriven: 1, orphaned: 0 });
      await eventually(() => seen.includes(7));
      await eventually(
        async () => (await fetch(`${gateway.url}/events/dead-letters/${deadLetters[0]!.id}`)).status === 404,
      );

      const to = { after: { stream: 'EVENTS', sequence: EVENTS - 10 } };
      const preview = await act<RewindResponse>('/events/subscriptions/billing/rewind', { to, preview: true });
      expect(preview).toMatchObject({ preview: true, events: 10, again: 10, skipped: 0 });
      const before = seen.length;
      await act('/events/subscriptions/billing/rewind', { to });
      await eventually(() => seen.length === before + 10);
      const again = seen.slice(before).sort((a, b) => a - b);
      expect(again).toEqual(Array.from({ length: 10 }, (_, i) => EVENTS - 9 + i));

      const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
      expect(metrics).toContain('annals_subscription_stalled{subscription="billing"} 0');
    } finally {
      await active.stop();
    }
  }, 30_000);
});
