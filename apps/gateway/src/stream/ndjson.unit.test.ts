import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { type RecordedEvent, StoreUnavailable } from '@annals/core';
import { isBrokenOffLine } from '@annals/contract';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withScriptedReadAll } from './faulty-store.spec-support.ts';
import { wantsNdjson } from './ndjson-response.ts';

const NDJSON = { accept: 'application/x-ndjson' };

const linesOf = (text: string): Record<string, unknown>[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('lists as NDJSON', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    const events = Array.from({ length: 1_000 }, (_, i) => ({ type: i % 2 ? 'odd' : 'even', data: i + 1 }));
    for (let i = 0; i < 10; i++) await gateway.store.append({ type: 'clock', id: 'c1' }, events);
    await gateway.store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: { text: 'a\nb\u2028c' } });
  });

  afterAll(() => gateway.stop());

  it.each(['history', 'replay', 'aggregate'])('stream all 10,000 events of %s, one a line', async (route) => {
    const answer = await gateway.get(`/events/${route}?aggregateId=c1`, NDJSON);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    const lines = linesOf(answer.text);
    expect(lines.map((line) => line['version'])).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    expect(answer.text.endsWith('\n')).toBe(true);
  });

  it('have the events of JSON', async () => {
    const [line] = linesOf((await gateway.get('/events/history?aggregateId=u1', NDJSON)).text);
    const json = await gateway.get('/events/history?aggregateId=u1');
    expect((json.body as { events: unknown[] }).events).toEqual([line]);
  });

  it('take criteria, an order, a limit and a cursor', async () => {
    const query = 'aggregateId=c1&eventType=even&order=desc';
    const { nextCursor } = (await gateway.get(`/events/history?${query}&limit=2`)).body as { nextCursor: string };
    const answer = await gateway.get(`/events/history?${query}&limit=3&cursor=${nextCursor}`, NDJSON);
    expect(linesOf(answer.text).map((line) => line['version'])).toEqual([9_995, 9_993, 9_991]);
    const rest = await gateway.get(`/events/history?${query}&cursor=${nextCursor}`, NDJSON);
    expect(linesOf(rest.text)).toHaveLength(4_998);
  });

  it('are made by POST /events/replay too', async () => {
    const answer = await gateway.post('/events/replay', { aggregateType: 'clock' }, NDJSON);
    expect(answer.status).toBe(200);
    expect(linesOf(answer.text)).toHaveLength(10_000);
  });

  it('are empty for nothing, and tell the version of an aggregate', async () => {
    expect(await gateway.get('/events/history?aggregateId=nobody', NDJSON)).toMatchObject({ status: 200, text: '' });
    const aggregate = await gateway.get('/events/aggregate?aggregateId=u1', NDJSON);
    expect(aggregate.headers.get('etag')).toBe('"1"');
    expect((await gateway.get('/events/aggregate?aggregateId=nobody', NDJSON)).status).toBe(404);
  });

  it('are compressed for who asks for gzip', async () => {
    const answer = await fetch(`${gateway.url}/events/history?aggregateId=c1`, {
      headers: { ...NDJSON, 'accept-encoding': 'gzip' },
    });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    expect(linesOf(await answer.text())).toHaveLength(10_000);
  });

  it('are refused before they begin for bad input, as a problem', async () => {
    const answer = await gateway.get('/events/history?limit=0', NDJSON);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    expect((await gateway.get('/events/history?limit=1001', NDJSON)).status).toBe(400);
  });

  it('answer HEAD without events', async () => {
    const answer = await gateway.request('/events/history?aggregateId=c1', { method: 'HEAD', headers: NDJSON });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson; charset=utf-8');
  });

  it('are counted in the metrics', async () => {
    const before = readEvents((await gateway.get('/metrics')).text);
    await gateway.get('/events/replay?aggregateId=c1', NDJSON);
    const after = await gateway.get('/metrics');
    expect(readEvents(after.text) - before).toBe(10_000);
    expect(after.text).toMatch(/^annals_open_streams 0$/m);
  });
});

const readEvents = (metrics: string): number =>
  Number(/annals_read_events_total\{operation="replay"\} (\d+)/.exec(metrics)?.[1] ?? 0);

describe('a list as NDJSON that does not go well', () => {
  let gateway: InMemoryGateway;
  const event = {
    messageId: 'm',
    type: 'big',
    data: 'x'.repeat(10_000),
    timestamp: '2024-01-01T00:00:00Z',
    tenantId: 'default',
    schemaVersion: 1,
    position: { stream: 'EVENTS', sequence: 1 },
    recordedAt: '2024-01-01T00:00:00Z',
  } satisfies RecordedEvent;

  afterEach(() => gateway.stop());

  it('ends with a line that says why and with a cut connection', async () => {
    const failure = new StoreUnavailable('the server is gone');
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 50, failure });
    gateway = await startInMemoryGateway({ store: script.store });
    const { body, isWhole } = await readRaw(gateway.url, NDJSON);
    const lines = linesOf(body.toString());
    expect(isWhole).toBe(false);
    expect(lines).toHaveLength(51);
    expect(isBrokenOffLine(lines.at(-1))).toBe(true);
    expect(lines.at(-1)).toMatchObject({
      problem: { code: 'store-unavailable', status: 503, instance: '/events/history' },
    });
    expect((await gateway.get('/metrics')).text).toMatch(/annals_problems_total\{code="store-unavailable"\} 1/);
  });

  it('says why also where it is compressed', async () => {
    const failure = new Error('secret detail');
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 50, failure });
    gateway = await startInMemoryGateway({ store: script.store });
    const { body, isWhole } = await readRaw(gateway.url, { ...NDJSON, 'accept-encoding': 'gzip' });
    expect(isWhole).toBe(false);
    // A stream that is cut has no trailer: what is there must be readable without it.
    const text = gunzipSync(body, { finishFlush: 2 }).toString();
    expect(linesOf(text).at(-1)).toMatchObject({ problem: { code: 'internal-error' } });
    expect(text).not.toContain('secret');
    expect(gateway.logLines.join('')).toContain('secret detail');
  });

  it('is an ordinary problem where it fails before the first event', async () => {
    const script = withScriptedReadAll(createInMemoryStore(), {
      event,
      count: 0,
      failure: new StoreUnavailable('gone'),
    });
    gateway = await startInMemoryGateway({ store: script.store });
    const answer = await gateway.get('/events/history', NDJSON);
    expect(answer).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
  });

  it('answers 503 where the first event takes too long', async () => {
    let goOn = (): void => {};
    const before = new Promise<void>((resolve) => void (goOn = resolve));
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 1, before });
    gateway = await startInMemoryGateway({ store: script.store, env: { REQUEST_TIMEOUT_MS: '100' } });
    const answer = await gateway.get('/events/history', NDJSON);
    goOn();
    expect(answer).toMatchObject({ status: 503, body: { code: 'request-timeout' } });
  });

  it('reads no further ahead than a chunk of who takes nothing, and lets go when he goes', async () => {
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 100_000 });
    gateway = await startInMemoryGateway({ store: script.store });
    const { port } = new URL(gateway.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /events/history HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n\r\n`);
    await eventually(() => script.taken() > 0);
    // What the kernel's buffers of a loopback connection take is some megabytes; a gigabyte is on offer.
    let before = -1;
    await eventually(() => {
      const now = script.taken();
      const stands = now === before;
      before = now;
      return stands;
    });
    expect(script.taken()).toBeLessThan(5_000);
    expect((await gateway.get('/metrics')).text).toMatch(/^annals_open_streams 1$/m);
    socket.destroy();
    await eventually(() => script.released());
    await eventually(async () => /^annals_open_streams 0$/m.test((await gateway.get('/metrics')).text));
  });

  it('is cut when the client takes nothing for too long', async () => {
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 100_000 });
    gateway = await startInMemoryGateway({ store: script.store, env: { REQUEST_TIMEOUT_MS: '200' } });
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
    socket.pause();
    socket.write(`GET /events/history HTTP/1.1\r\nHost: localhost\r\nAccept: application/x-ndjson\r\n\r\n`);
    await eventually(() => script.released());
    socket.destroy();
  });

  it('answers 503 where too many are open', async () => {
    let goOn = (): void => {};
    const before = new Promise<void>((resolve) => void (goOn = resolve));
    const script = withScriptedReadAll(createInMemoryStore(), { event, count: 1, before });
    gateway = await startInMemoryGateway({ store: script.store, env: { MAX_OPEN_STREAMS: '1' } });
    const first = gateway.get('/events/history', NDJSON);
    await eventually(async () => /^annals_open_streams 1$/m.test((await gateway.get('/metrics')).text));
    const second = await gateway.get('/events/history', NDJSON);
    expect(second).toMatchObject({ status: 503, body: { code: 'too-many-streams', limit: 1 } });
    goOn();
    expect((await first).status).toBe(200);
  });
});

/** The body's bytes as they came over the wire, without chunked encoding, and whether its end came too. */
async function readRaw(url: string, headers: Record<string, string>): Promise<{ body: Buffer; isWhole: boolean }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  const lines = Object.entries({ host: 'localhost', connection: 'close', ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`GET /events/history HTTP/1.1\r\n${head}\r\n`);
  const received: Buffer[] = [];
  for await (const chunk of socket) received.push(chunk as Buffer);
  let rest = Buffer.concat(received);
  rest = rest.subarray(rest.indexOf('\r\n\r\n') + 4);
  const body: Buffer[] = [];
  for (let end = rest.indexOf('\r\n'); end > 0; end = rest.indexOf('\r\n')) {
    const size = Number.parseInt(rest.subarray(0, end).toString(), 16);
    if (size === 0) return { body: Buffer.concat(body), isWhole: true };
    body.push(rest.subarray(end + 2, end + 2 + size));
    rest = rest.subarray(end + 2 + size + 2);
  }
  return { body: Buffer.concat(body), isWhole: false };
}

describe('the Accept header', () => {
  it.each([
    ['application/x-ndjson', true],
    ['application/json, application/x-ndjson', true],
    ['application/x-ndjson;q=0.5, application/json;q=0.4', true],
    ['APPLICATION/X-NDJSON', true],
    ['application/json, application/x-ndjson;q=0.5', false],
    ['application/x-ndjson;q=0', false],
    ['application/json', false],
    ['*/*', false],
    [undefined, false],
  ])('%s asks for NDJSON: %s', (accept, expected) => {
    expect(wantsNdjson(accept)).toBe(expected);
  });
});
