import type { EventBody, Problem } from '@annals/contract';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import {
  type BuiltGateway,
  beginPost,
  isRefused,
  post,
  startBuiltGateway,
  untilReady,
} from './built-gateway.spec-support.ts';

describe('the built gateway, its server and its signals', () => {
  const running: { stop(): Promise<unknown> }[] = [];

  afterEach(async () => {
    for (const program of running.splice(0).reverse()) await program.stop();
  });

  const startServer = async (): Promise<TestNatsServer> => {
    const server = await startNatsServer();
    running.push(server);
    return server;
  };
  const startGateway = async (env: Record<string, string>): Promise<BuiltGateway> => {
    const gateway = await startBuiltGateway(env);
    running.push(gateway);
    return gateway;
  };
  const batch = (writer: number, i: number): object => ({
    events: Array.from({ length: 3 }, (_, part) => ({
      type: 'part.stored',
      data: { part },
      aggregateType: 'batch',
      aggregateId: `${writer}-${i}-${part}`,
    })),
  });

  it('answers 503 within its time while the server is gone, writes nothing by halves, and works again after', async () => {
    const server = await startServer();
    const gateway = await startGateway({ NATS_URL: server.url, REQUEST_TIMEOUT_MS: '2000' });
    await untilReady(gateway);
    const acked: string[] = [];
    let isOver = false;
    let slowestMs = 0;
    const problems = new Set<string>();
    const write = async (writer: number): Promise<void> => {
      for (let i = 0; !isOver; i++) {
        const startedAt = performance.now();
        const answer = await post(`${gateway.url}/events`, batch(writer, i));
        slowestMs = Math.max(slowestMs, performance.now() - startedAt);
        if (answer.status === 201) {
          acked.push(`${writer}-${i}`);
          continue;
        }
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
        problems.add(((await answer.json()) as Problem).code);
      }
    };
    const writers = Array.from({ length: 4 }, (_, writer) => write(writer));
    await eventually(() => acked.length > 50);
    await server.kill();
    await eventually(() => problems.size > 0);
    const live = await fetch(`${gateway.url}/health/live`);
    const ready = await fetch(`${gateway.url}/health/ready`);
    const history = await fetch(`${gateway.url}/events/history?aggregateId=0-0-0`);
    expect([live.status, ready.status, history.status]).toEqual([200, 503, 503]);
    const ackedBefore = acked.length;
    await server.restart();
    await eventually(() => acked.length > ackedBefore + 50);
    isOver = true;
    await Promise.all(writers);
    expect(slowestMs).toBeLessThan(4_000);
    for (const code of problems) expect(['store-unavailable', 'append-outcome-unknown']).toContain(code);

    const headers = { accept: 'application/x-ndjson' };
    const text = await (await fetch(`${gateway.url}/events/replay?aggregateType=batch`, { headers })).text();
    const parts = new Map<string, number>();
    for (const line of text.trimEnd().split('\n')) {
      const { aggregateId, version } = JSON.parse(line) as EventBody;
      const name = aggregateId!.replace(/-\d+$/, '');
      expect(version).toBe(1);
      parts.set(name, (parts.get(name) ?? 0) + 1);
    }
    expect([...parts.values()].every((count) => count === 3)).toBe(true);
    expect(acked.filter((name) => !parts.has(name))).toEqual([]);
  }, 60_000);

  it('listens while there is no server, and takes events as soon as there is one', async () => {
    const server = await startServer();
    await server.kill();
    const gateway = await startGateway({ NATS_URL: server.url });
    expect((await fetch(`${gateway.url}/health/live`)).status).toBe(200);
    const early = await post(`${gateway.url}/events`, { type: 'a', data: 1 });
    expect(early.status).toBe(503);
    expect(early.headers.get('retry-after')).toMatch(/^\d+$/);
    await server.restart();
    await untilReady(gateway);
    expect((await post(`${gateway.url}/events`, { type: 'a', data: 1 })).status).toBe(201);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'finishes what is in hand at %s, takes nothing new, and ends with 0',
    async (signal) => {
      const server = await startServer();
      const gateway = await startGateway({ NATS_URL: server.url });
      await untilReady(gateway);
      const events = Array.from({ length: 1_000 }, () => ({
        type: 'a',
        data: 'x'.repeat(500),
        aggregateType: 'long',
        aggregateId: 'l',
      }));
      for (let i = 0; i < 10; i++) await post(`${gateway.url}/events`, { events });
      // Read only after the signal: more than the buffers of a connection take, so that it is in hand until then.
      const headers = { accept: 'application/x-ndjson' };
      const stream = await fetch(`${gateway.url}/events/history?aggregateId=l`, { headers });
      const begun = await Promise.all(Array.from({ length: 5 }, () => beginPost(`${gateway.url}/events`)));
      gateway.signal(signal);
      await eventually(() => isRefused(gateway.url));
      const statuses = await Promise.all(begun.map((finish) => finish({ events: events.slice(0, 100) })));
      expect(statuses).toEqual([201, 201, 201, 201, 201]);
      expect((await stream.text()).trimEnd().split('\n')).toHaveLength(10_000);
      expect(await gateway.ended).toEqual({ code: 0, signal: null });
      const second = await startGateway({ NATS_URL: server.url });
      await untilReady(second);
      const head = await fetch(`${second.url}/events/aggregate?aggregateId=l&limit=1`);
      expect(head.headers.get('etag')).toBe('"10500"');
    },
    60_000,
  );

  it('cuts what is not finished at the end of the time for shutting down', async () => {
    const server = await startServer();
    const gateway = await startGateway({ NATS_URL: server.url, SHUTDOWN_TIMEOUT_MS: '200' });
    await untilReady(gateway);
    const events = Array.from({ length: 1_000 }, () => ({
      type: 'a',
      data: 'x'.repeat(4_000),
      aggregateType: 'long',
      aggregateId: 'l',
    }));
    for (let i = 0; i < 5; i++) await post(`${gateway.url}/events`, { events });
    const stream = await fetch(`${gateway.url}/events/history?aggregateId=l`, {
      headers: { accept: 'application/x-ndjson' },
    });
    expect(await gateway.stop()).toEqual({ code: 0, signal: null });
    await expect(stream.text()).rejects.toThrow();
  });

  it('ends with 1 and all problems of its configuration', async () => {
    const gateway = await startGateway({ PORT: 'x', HOST: '0.0.0.0', LOG_LEVEL: 'loud' });
    expect(await gateway.ended).toEqual({ code: 1, signal: null });
    for (const name of ['PORT', 'HOST', 'LOG_LEVEL']) expect(gateway.output).toContain(`- ${name} `);
    expect(gateway.output).not.toMatch(/\bat .*\.js:\d+/);
  });

  it('ends with 1 and a sentence where its port is taken', async () => {
    const first = await startGateway({ NATS_URL: 'nats://127.0.0.1:1' });
    const { port } = new URL(first.url);
    const second = await startGateway({ NATS_URL: 'nats://127.0.0.1:1', PORT: port, LOG_LEVEL: 'silent' });
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(second.output.trim()).toBe(
      `Port ${port} on 127.0.0.1 is taken: stop what listens there, or set another PORT.`,
    );
  });

  it('ends with 1 where the streams cannot be as they are wanted', async () => {
    const server = await startServer();
    const gateway = await startGateway({ NATS_URL: server.url, STREAM_REPLICAS: '3' });
    expect((await gateway.ended).code).toBe(1);
    expect(gateway.output).toContain('provisioning-refused');
  });
});
