import type { AppendResponse, EventBody, HistoryResponse, StatsResponse } from '@annals/contract';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from './built-gateway.spec-support.ts';

describe('the built gateway on a real nats-server', () => {
  let server: TestNatsServer;
  let gateway: BuiltGateway;

  beforeAll(async () => {
    server = await startNatsServer();
    gateway = await startBuiltGateway({ NATS_URL: server.url });
    await untilReady(gateway);
  });

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  const get = async <Body>(path: string): Promise<Body> =>
    (await fetch(`${gateway.url}${path}`)).json() as Promise<Body>;
  const user = (aggregateId: string, fields: object = {}): object => ({
    type: 'user.created',
    data: { name: 'Ada' },
    aggregateType: 'user',
    aggregateId,
    ...fields,
  });

  it('stores an event and answers every route about it', async () => {
    const stored = await post(`${gateway.url}/events`, user('u/1 é'));
    expect(stored.status).toBe(201);
    const { events } = (await stored.json()) as AppendResponse;
    expect(events).toMatchObject([{ version: 1, position: { stream: 'EVENTS' }, recordedAt: expect.any(String) }]);
    const id = encodeURIComponent('u/1 é');
    const event = { id: events[0]!.id, version: 1, hash: expect.any(String), recordedAt: events[0]!.recordedAt };
    expect(await get(`/events/history?aggregateId=${id}&aggregateType=user`)).toMatchObject({
      totalEvents: 1,
      events: [event],
    });
    expect(await get(`/api/events/history?aggregateId=${id}`)).toMatchObject({
      aggregateType: 'user',
      events: [event],
    });
    expect(await get('/events/replay?eventTypes=user.created')).toMatchObject({ totalEvents: 1, events: [event] });
    expect(await get(`/events/aggregate?aggregateId=${id}`)).toMatchObject({ version: 1, events: [event] });
    expect(await get('/events/stats')).toMatchObject({ totalEvents: 1, uniqueAggregates: 1 });
    const state = await post(`${gateway.url}/events/streams/${id}/reconstruct`, {});
    expect(await state.json()).toMatchObject({ state: { name: 'Ada' }, version: 1, events: [event] });
  });

  it('lets one of many racing clients write each version', async () => {
    await post(`${gateway.url}/events`, user('raced'));
    const race = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        post(`${gateway.url}/events`, user('raced', { expectedVersion: 1, data: i })),
      ),
    );
    expect(race.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = race.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(15);
    expect(await refused[0]!.json()).toMatchObject({ expectedVersion: 1, actualVersion: 2 });
    const stale = await post(`${gateway.url}/events`, user('raced'), { 'if-match': '"1"' });
    expect(stale.status).toBe(412);
  });

  it('stores 1,000 events at once and streams 10,000 back', async () => {
    for (let batch = 0; batch < 10; batch++) {
      const events = Array.from({ length: 1_000 }, (_, i) => user('long', { data: batch * 1_000 + i }));
      const answer = await post(`${gateway.url}/events`, { events });
      expect(answer.status).toBe(201);
      expect(((await answer.json()) as AppendResponse).events.at(-1)!.version).toBe((batch + 1) * 1_000);
    }
    for (const query of ['aggregateId=long', 'aggregateId=long&eventType=user.created&order=desc']) {
      const headers = { accept: 'application/x-ndjson' };
      const answer = await fetch(`${gateway.url}/events/history?${query}`, { headers });
      const lines = (await answer.text()).trimEnd().split('\n');
      const versions = lines.map((line) => (JSON.parse(line) as EventBody).version!);
      expect(versions.sort((a, b) => a - b)).toEqual(Array.from({ length: 10_000 }, (_, i) => i + 1));
    }
    const page = await get<HistoryResponse>('/events/history?aggregateId=long&limit=1000');
    expect(page).toMatchObject({ totalEvents: 10_000 });
    expect(page.events).toHaveLength(1_000);
    const next = await get<HistoryResponse>(`/events/history?aggregateId=long&limit=1000&cursor=${page.nextCursor}`);
    expect(next.events[0]!.version).toBe(1_001);
  });

  it('pages through the log of a type without losing an event, and counts it', async () => {
    const events = Array.from({ length: 25 }, (_, i) => ({ ...user(`p${i}`), aggregateType: 'paged', data: i }));
    await post(`${gateway.url}/events`, { events });
    const found: unknown[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = `aggregateType=paged&limit=10${cursor && `&cursor=${cursor}`}`;
      const page: HistoryResponse = await get<HistoryResponse>(`/events/history?${query}`);
      expect(page.totalEvents).toBe(25);
      found.push(...page.events.map((event) => event.data));
      cursor = page.nextCursor;
    }
    expect(found).toEqual(events.map((event) => event.data));
  });

  it('has the same ETag for plain and compressed answers', async () => {
    for (const encoding of ['identity', 'gzip', 'br']) {
      const headers = { 'accept-encoding': encoding };
      const answer = await fetch(`${gateway.url}/events/aggregate?aggregateId=long`, { headers });
      expect(answer.headers.get('etag')).toBe('"10000"');
      expect(answer.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
    }
  });

  it("names the server's limit for an event that is too large", async () => {
    const answer = await post(`${gateway.url}/events`, user('large', { data: 'x'.repeat(1024 * 1024) }));
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ code: 'payload-too-large', limitBytes: expect.any(Number) });
    const state = await fetch(`${gateway.url}/events/aggregate?aggregateId=large`);
    expect(state.status).toBe(404);
  });

  it('refuses data that is nested too deeply, and goes on', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const answer = await fetch(`${gateway.url}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"type":"deep","data":${deep}}`,
    });
    expect(answer.status).toBe(400);
    expect((await fetch(`${gateway.url}/health/ready`)).status).toBe(200);
  });

  it('repeats the first result for a key, after a restart too', async () => {
    const first = await post(`${gateway.url}/events`, user('keyed'), { 'idempotency-key': 'once' });
    const before = await get<StatsResponse>('/events/stats');
    expect((await gateway.stop()).code).toBe(0);
    gateway = await startBuiltGateway({ NATS_URL: server.url });
    await untilReady(gateway);
    const second = await post(`${gateway.url}/events`, user('keyed'), { 'idempotency-key': 'once' });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await second.json()).toEqual(await first.json());
    const other = await post(`${gateway.url}/events`, user('other'), { 'idempotency-key': 'once' });
    expect(other.status).toBe(422);
    const { storage: _, ...counts } = before;
    expect(await get('/events/stats')).toMatchObject(counts);
  });
});
