import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('GET /events/aggregate', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    const events = Array.from({ length: 5 }, (_, i) => ({ type: i % 2 ? 'odd' : 'even', data: 'x'.repeat(2_000) }));
    await gateway.store.append({ type: 'user', id: 'u1' }, events);
    await gateway.store.append({ type: 'user', id: 'both' }, { type: 'a', data: 1 });
    await gateway.store.append({ type: 'vendor', id: 'both' }, { type: 'a', data: 1 });
  });

  afterAll(() => gateway.stop());

  it("answers with the aggregate's events, its version and the version as ETag", async () => {
    const answer = await gateway.get('/events/aggregate?aggregateId=u1&aggregateType=user');
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      aggregateId: 'u1',
      aggregateType: 'user',
      version: 5,
      events: expect.any(Array),
      nextCursor: null,
    });
    expect(eventsOf(answer).map((event) => event.version)).toEqual([1, 2, 3, 4, 5]);
    expect(answer.headers.get('etag')).toBe('"5"');
    expect(answer.headers.get('cache-control')).toBe('private, no-cache');
  });

  it('finds the type, selects and pages, and tells the version of the head all the while', async () => {
    const first = await gateway.get('/api/events/aggregate?aggregateId=u1&eventType=even&limit=2');
    expect(first.body).toMatchObject({ aggregateType: 'user', version: 5, events: [{ version: 1 }, { version: 3 }] });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await gateway.get(`/events/aggregate?aggregateId=u1&eventType=even&limit=2&cursor=${nextCursor}`);
    expect(second.body).toMatchObject({ version: 5, events: [{ version: 5 }], nextCursor: null });
    const last = await gateway.get('/events/aggregate?aggregateId=u1&order=desc&limit=1');
    expect(last.body).toMatchObject({ version: 5, events: [{ version: 5 }] });
  });

  it.each(['aggregateId=unknown', 'aggregateId=u1&aggregateType=vendor', 'aggregateId=u1&tenantId=acme'])(
    'answers 404 for %s',
    async (query) => {
      const answer = await gateway.get(`/events/aggregate?${query}`);
      expect(answer).toMatchObject({ status: 404, body: { code: 'aggregate-not-found' } });
      expect(answer.headers.get('etag')).toBeNull();
    },
  );

  it('answers 400 with the types where several have the id, until one is named', async () => {
    expect(await gateway.get('/events/aggregate?aggregateId=both')).toMatchObject({
      status: 400,
      body: { code: 'ambiguous-aggregate', aggregateTypes: ['user', 'vendor'] },
    });
    const named = await gateway.get('/events/aggregate?aggregateId=both&aggregateType=vendor');
    expect(named.body).toMatchObject({ aggregateType: 'vendor', version: 1 });
  });

  it('answers 400 without an id', async () => {
    const answer = await gateway.get('/events/aggregate?aggregateType=user');
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'aggregateId' }] } });
  });

  it.each(['"5"', 'W/"5"', '"4", "5"', '*'])('answers 304 without a body for If-None-Match: %s', async (tag) => {
    const answer = await gateway.get('/events/aggregate?aggregateId=u1', { 'if-none-match': tag });
    expect(answer).toMatchObject({ status: 304, text: '' });
    expect(answer.headers.get('etag')).toBe('"5"');
  });

  it('says in a 304 that the answer depends on what the 200 depends on', async () => {
    const path = '/events/aggregate?aggregateId=u1';
    const accepted = { 'accept-encoding': 'gzip' };
    const full = await gateway.get(path, accepted);
    const unchanged = await gateway.get(path, { ...accepted, 'if-none-match': '"5"' });
    expect([full.status, unchanged.status]).toEqual([200, 304]);
    const names = ({ headers }: { headers: Headers }) => headers.get('vary')!.toLowerCase().split(/, */).sort();
    expect(names(unchanged)).toEqual(names(full));
  });

  it('answers 400 for a wrong cursor, whatever version the client has', async () => {
    const path = '/events/aggregate?aggregateId=u1&cursor=nonsense';
    for (const headers of [{}, { 'if-none-match': '"5"' }]) {
      const answer = await gateway.get(path, headers);
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'cursor' }] } });
      expect(answer.headers.get('etag')).toBeNull();
    }
  });

  it.each(['"4"', '"55"', 'x'])('answers 200 for If-None-Match: %s', async (tag) => {
    const answer = await gateway.get('/events/aggregate?aggregateId=u1', { 'if-none-match': tag });
    expect(answer.status).toBe(200);
  });

  it('has the same ETag for every encoding, and says what the answer depends on', async () => {
    for (const encoding of ['identity', 'gzip', 'br']) {
      const answer = await gateway.get('/events/aggregate?aggregateId=u1', { 'accept-encoding': encoding });
      expect(answer.headers.get('content-encoding')).toBe(encoding === 'identity' ? null : encoding);
      expect(answer.headers.get('etag')).toBe('"5"');
      expect(answer.headers.get('vary')).toMatch(/accept/i);
      expect(eventsOf(answer)).toHaveLength(5);
    }
  });

  it('can be appended to with the ETag', async () => {
    const { headers } = await gateway.get('/events/aggregate?aggregateId=both&aggregateType=user');
    const event = { type: 'a', data: 2, aggregateType: 'user', aggregateId: 'both' };
    const tag = { 'if-match': headers.get('etag')! };
    expect((await gateway.post('/events', event, tag)).status).toBe(201);
    expect((await gateway.post('/events', event, tag)).status).toBe(412);
  });

  it('answers HEAD with the headers of GET and no body', async () => {
    const answer = await gateway.request('/events/aggregate?aggregateId=u1', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '' });
    expect(answer.headers.get('etag')).toBe('"5"');
    const unknown = await gateway.request('/events/aggregate?aggregateId=nobody', { method: 'HEAD' });
    expect(unknown).toMatchObject({ status: 404, text: '' });
  });
});
