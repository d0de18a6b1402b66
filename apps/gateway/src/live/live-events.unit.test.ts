import { type Position } from '@annals/core';
import { eventually } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { SseReader } from './sse-reader.spec-support.ts';

describe('GET /events/live', () => {
  let gateway: InMemoryGateway;
  let tenants = 0;
  const readers: SseReader[] = [];

  beforeAll(async () => {
    gateway = await startInMemoryGateway({ env: { LIVE_HEARTBEAT_MS: '50' } });
  });

  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });

  afterAll(() => gateway.stop());

  const newTenant = () => `tenant-${++tenants}`;
  const open = async (query: string, headers: Record<string, string> = {}) => {
    const reader = await SseReader.open(`${gateway.url}/events/live${query}`, headers);
    readers.push(reader);
    return reader;
  };
  const append = (tenantId: string, from: number, to = from, type = 'number.added', id = 'n') =>
    gateway.store.append(
      { tenantId, type: 'number', id },
      Array.from({ length: to - from + 1 }, (_, i) => ({ type, data: { n: from + i } })),
    );

  it('gives events as they are stored, as messages with id and data that a browser hands to onmessage', async () => {
    const tenantId = newTenant();
    await append(tenantId, 1);
    const reader = await open(`?tenantId=${tenantId}`);
    expect(reader.response.statusCode).toBe(200);
    expect(reader.response.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-store, no-transform',
      'x-content-type-options': 'nosniff',
    });
    await reader.caughtUp();
    await append(tenantId, 2, 3);
    expect(await reader.until(2)).toEqual([2, 3]);
    const [first] = reader.messages.filter(({ event }) => event === 'message');
    const history = await gateway.get(`/events/history?tenantId=${tenantId}&fromVersion=2`);
    expect(reader.events).toEqual((history.body as { events: unknown[] }).events);
    const { stream, sequence } = (JSON.parse(first!.data) as { position: Position }).position;
    expect(first!.id).toBe(`${stream}:${sequence}`);
  });

  it('is served below /api/events as well', async () => {
    const reader = await SseReader.open(`${gateway.url}/api/events/live`);
    readers.push(reader);
    await reader.caughtUp();
  });

  it('tells how soon to come back, and where to go on, before the first event', async () => {
    const tenantId = newTenant();
    const first = await open(`?tenantId=${tenantId}`);
    await first.caughtUp();
    expect(first.retryMs).toBeGreaterThanOrEqual(1_000);
    expect(first.lastEventId).toMatch(/^[A-Za-z]+:\d+$/);
    first.close();
    await append(tenantId, 1, 2);
    const second = await open(`?tenantId=${tenantId}`, { 'last-event-id': first.lastEventId });
    expect(await second.until(2)).toEqual([1, 2]);
  });

  it('begins at the beginning, behind a cursor or at a time', async () => {
    const tenantId = newTenant();
    for (let n = 1; n <= 5; n++) await append(tenantId, n);
    const all = await (await open(`?tenantId=${tenantId}&from=beginning`)).caughtUp();
    expect(all.numbers).toEqual([1, 2, 3, 4, 5]);
    const { id } = all.messages[2]!;
    const after = await (await open(`?tenantId=${tenantId}&after=${encodeURIComponent(id!)}`)).caughtUp();
    expect(after.numbers).toEqual([4, 5]);
    const { recordedAt } = all.events[3]!;
    const since = await (await open(`?tenantId=${tenantId}&recordedFrom=${recordedAt}`)).caughtUp();
    expect(since.numbers).toEqual(
      all.events
        .filter((event) => event.recordedAt >= recordedAt)
        .map((_, i) => 5 - i)
        .reverse(),
    );
    // A browser that comes back repeats the query it began with.
    const resumed = await open(`?tenantId=${tenantId}&from=beginning`, { 'last-event-id': id! });
    expect((await resumed.caughtUp()).numbers).toEqual([4, 5]);
    for (const reader of [all, after, since, resumed]) expect(reader.messages.at(-1)!.event).toBe('caught-up');
  });

  it('filters as the lists do', async () => {
    const tenantId = newTenant();
    const types = ['user.created', 'user.updated', 'user.email.changed', 'order.created'];
    for (const [n, type] of types.entries()) await append(tenantId, n, n, type, String(n % 2));
    const numbersOf = async (query: string) =>
      (await (await open(`?tenantId=${tenantId}&from=beginning&${query}`)).caughtUp()).numbers;
    expect(await numbersOf('eventTypes=user.*')).toEqual([0, 1]);
    expect(await numbersOf('eventTypes=user.created,order.>')).toEqual([0, 3]);
    expect(await numbersOf('eventType=user.>')).toEqual([0, 1, 2]);
    expect(await numbersOf('aggregateType=number&aggregateId=1')).toEqual([1, 3]);
    expect(await numbersOf('aggregateType=other')).toEqual([]);
  });

  it('catches up over many pages, and joins what is live without a gap or doubling', async () => {
    const tenantId = newTenant();
    for (let n = 1; n <= 4_500; n += 500) await append(tenantId, n, n + 499);
    const reader = await open(`?tenantId=${tenantId}&from=beginning`);
    for (let n = 4_501; n <= 4_800; n++) await append(tenantId, n);
    expect(await reader.until(4_800)).toEqual(Array.from({ length: 4_800 }, (_, i) => i + 1));
  });

  it('shares one following of the store among all who want the same, and lets go of it', async () => {
    const tenantId = newTenant();
    const followed: unknown[] = [];
    const { store } = gateway;
    const follow = store.follow.bind(store);
    store.follow = (filter, options) => {
      followed.push(filter);
      return follow(filter, options);
    };
    try {
      const same = ['?eventTypes=a,b', '?eventType=a&eventTypes=b', '?eventTypes=b,a,a'];
      const all = await Promise.all(same.map((query) => open(`${query}&tenantId=${tenantId}`)));
      await Promise.all(all.map((reader) => reader.caughtUp()));
      await append(tenantId, 1, 1, 'a');
      for (const reader of all) expect(await reader.until(1)).toEqual([1]);
      expect(followed).toHaveLength(1);
      const other = await open(`?eventType=a&tenantId=${tenantId}`);
      await other.caughtUp();
      expect(followed).toHaveLength(2);
    } finally {
      store.follow = follow;
    }
  });

  it('gives a sign of life when nothing happens', async () => {
    const reader = await open(`?tenantId=${newTenant()}`);
    await eventually(() => reader.heartbeats >= 2);
  });

  it.each([
    ['from=yesterday', 'from'],
    ['from=now&from=beginning', 'from'],
    ['after=nonsense', 'after'],
    ['after=EVENTS:1,EVENTS:2', 'after'],
    ['recordedFrom=yesterday', 'recordedFrom'],
    ['from=now&after=EVENTS:1', 'from'],
    ['eventTypes=a..b', 'eventTypes'],
    ['limit=3', 'limit'],
    ['tenantId=', 'tenantId'],
    ['fromVersion=1', 'fromVersion'],
  ])('refuses ?%s with a problem document', async (query, path) => {
    const answer = await gateway.get(`/events/live?${query}`);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
  });

  it('refuses a Last-Event-ID that is none', async () => {
    const answer = await gateway.get('/events/live', { 'last-event-id': 'x' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Last-Event-ID' }] } });
  });

  it('answers HEAD without a stream', async () => {
    const answer = await gateway.request('/events/live', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  });

  it('counts clients and what they were sent', async () => {
    const value = async (sample: string) => {
      const { text } = await gateway.get('/metrics');
      return Number(
        text
          .split('\n')
          .find((line) => line.startsWith(`${sample} `))
          ?.split(' ')[1] ?? 0,
      );
    };
    const tenantId = newTenant();
    const sent = await value('annals_live_events_sent_total{transport="sse"}');
    await eventually(async () => (await value('annals_live_clients{transport="sse"}')) === 0);
    const reader = await (await open(`?tenantId=${tenantId}`)).caughtUp();
    await append(tenantId, 1, 3);
    await reader.until(3);
    expect(await value('annals_live_clients{transport="sse"}')).toBe(1);
    expect(await value('annals_live_events_sent_total{transport="sse"}')).toBe(sent + 3);
    expect(await value('annals_live_filters')).toBeGreaterThan(0);
    reader.close();
    await eventually(async () => (await value('annals_live_clients{transport="sse"}')) === 0);
  });
});

describe('live clients', () => {
  const gateways: InMemoryGateway[] = [];
  const start = async (options: Parameters<typeof startInMemoryGateway>[0]) => {
    const gateway = await startInMemoryGateway(options);
    gateways.push(gateway);
    return gateway;
  };
  afterEach(() => Promise.all(gateways.splice(0).map((gateway) => gateway.stop())));

  it('are limited in number, and so are their filters', async () => {
    const gateway = await start({ env: { MAX_LIVE_CLIENTS: '2', MAX_LIVE_FILTERS: '1' } });
    const first = await (await SseReader.open(`${gateway.url}/events/live`)).caughtUp();
    expect(await gateway.get('/events/live?eventType=other')).toMatchObject({
      status: 503,
      body: { code: 'too-many-live-filters', limit: 1 },
    });
    const second = await (await SseReader.open(`${gateway.url}/events/live`)).caughtUp();
    const refused = await gateway.get('/events/live');
    expect(refused).toMatchObject({ status: 503, body: { code: 'too-many-live-clients', limit: 2 } });
    expect(refused.headers.get('retry-after')).toBe('2');
    first.close();
    second.close();
    // The filter that nobody uses any more makes room for another one.
    const third = await eventually(async () => {
      const reader = await SseReader.open(`${gateway.url}/events/live?eventType=other`);
      return reader.response.statusCode === 200 && reader;
    });
    third.close();
  });

  it('are told when the gateway shuts down, and end', async () => {
    const gateway = await startInMemoryGateway();
    const reader = await (await SseReader.open(`${gateway.url}/events/live`)).caughtUp();
    await gateway.stop();
    await eventually(() => reader.ended);
    expect(JSON.parse(reader.named('problem')!.data)).toMatchObject({ code: 'shutting-down' });
    expect(reader.response.complete).toBe(true);
  });

  it('get a problem document while the store cannot be reached', async () => {
    const gateway = await start({ open: () => Promise.reject(new Error('no server')) });
    expect(await gateway.get('/events/live')).toMatchObject({ status: 503, body: { code: 'store-unavailable' } });
  });

  it.each<[origin: string, status: number]>([
    ['http://localhost:5173', 200],
    ['http://127.0.0.1', 200],
    ['https://app.example.org', 200],
    ['https://app.example.org:8443', 403],
    ['http://app.example.org', 403],
    ['https://evil.example', 403],
    ['http://127.0.0.1.evil.example', 403],
    ['null', 403],
    ['file://', 403],
  ])('from a page of %s are answered %i', async (origin, status) => {
    const gateway = await start({ env: { ALLOWED_ORIGINS: 'https://app.example.org' } });
    const reader = await SseReader.open(`${gateway.url}/events/live`, { origin });
    expect(reader.response.statusCode).toBe(status);
    if (status === 403) expect(await reader.problem()).toMatchObject({ code: 'origin-not-allowed' });
    else expect(reader.response.headers['access-control-allow-origin']).toBe(origin);
    reader.close();
  });

  it('of the gateway itself are let in under the names that it allows', async () => {
    const gateway = await start({ env: { ALLOWED_HOSTS: 'events.example.org' } });
    const headers = { host: 'events.example.org', origin: 'https://events.example.org' };
    const reader = await SseReader.open(`${gateway.url}/events/live`, headers);
    expect(reader.response.statusCode).toBe(200);
    reader.close();
    const other = await SseReader.open(`${gateway.url}/events/live`, {
      host: 'other.example',
      origin: 'https://other.example',
    });
    expect(other.response.statusCode).toBe(421);
    other.close();
  });
});
