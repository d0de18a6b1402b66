import type { EventBody } from '@annals/contract';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from './built-gateway.spec-support.ts';

const CLIENTS = 6;
/** Fewer than clients, so that their POSTs compete. */
const AGGREGATES = 4;

/** A POST that a client made, and what it was told: undefined when the gateway died over it. */
interface MadePost {
  readonly key: string;
  readonly aggregateId: string;
  readonly names: readonly string[];
  status: number | undefined;
}

describe('the built gateway, killed with SIGKILL during POSTs with idempotency keys', () => {
  let server: TestNatsServer;
  const gateways: BuiltGateway[] = [];

  beforeAll(async () => {
    server = await startNatsServer();
  });

  afterAll(async () => {
    for (const gateway of gateways) await gateway.stop();
    await server.stop();
  });

  async function start(): Promise<BuiltGateway> {
    const gateway = await startBuiltGateway({ NATS_URL: server.url });
    gateways.push(gateway);
    await untilReady(gateway);
    return gateway;
  }

  function send(gateway: BuiltGateway, { key, aggregateId, names }: MadePost): Promise<Response> {
    const events = names.map((name) => ({ type: 'step.done', data: { name }, aggregateType: 'job', aggregateId }));
    return post(`${gateway.url}/events`, { events }, { 'idempotency-key': key });
  }

  async function eventsOf(gateway: BuiltGateway, aggregateId: string): Promise<EventBody[]> {
    const headers = { accept: 'application/x-ndjson' };
    const answer = await fetch(`${gateway.url}/events/history?aggregateId=${aggregateId}`, { headers });
    const lines = (await answer.text()).trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as EventBody).sort((a, b) => a.version! - b.version!);
  }

  it('has every event exactly once, versions without gaps, when all clients repeat their POSTs', async () => {
    const made: MadePost[] = [];
    const client = async (gateway: BuiltGateway, of: string): Promise<void> => {
      for (let i = 0; ; i++) {
        const names = Array.from({ length: 1 + (i % 3) }, (_, n) => `${of}-${i}-${n}`);
        const aggregateId = `job-${made.length % AGGREGATES}`;
        const one: MadePost = { key: `key-${of}-${i}`, aggregateId, names, status: undefined };
        made.push(one);
        try {
          one.status = (await send(gateway, one)).status;
        } catch {
          return;
        }
      }
    };
    const answered = (): number => made.filter(({ status }) => status !== undefined).length;

    for (const round of [1, 2]) {
      const gateway = await start();
      const before = answered();
      const clients = Array.from({ length: CLIENTS }, (_, c) => client(gateway, `${round}.${c}`));
      await eventually(() => answered() > before + 60);
      gateway.signal('SIGKILL');
      await Promise.all(clients);
      expect(await gateway.ended).toEqual({ code: null, signal: 'SIGKILL' });
    }
    // Each client was cut off in the middle of one POST, in each round.
    expect(made.filter(({ status }) => status === undefined)).toHaveLength(2 * CLIENTS);
    expect(new Set(made.map(({ status }) => status))).toEqual(new Set([201, undefined]));

    const gateway = await start();
    const stored = new Set<string>();
    for (let n = 0; n < AGGREGATES; n++) {
      for (const { data } of await eventsOf(gateway, `job-${n}`)) stored.add((data as { name: string }).name);
    }
    const acknowledged = made.filter(({ status }) => status !== undefined).flatMap(({ names }) => names);
    expect(acknowledged.filter((name) => !stored.has(name))).toEqual([]);

    const repeated = await Promise.all(made.map((one) => send(gateway, one)));
    expect(new Set(repeated.map(({ ok }) => ok))).toEqual(new Set([true]));
    for (let n = 0; n < AGGREGATES; n++) {
      const aggregateId = `job-${n}`;
      const events = await eventsOf(gateway, aggregateId);
      expect(events.map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
      const names = events.map(({ data }) => (data as { name: string }).name);
      const wanted = made.filter((one) => one.aggregateId === aggregateId).flatMap((one) => one.names);
      expect([...names].sort()).toEqual([...wanted].sort());
    }
  }, 60_000);
});
