import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('POST /events/streams/:id/reconstruct', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    const { store } = gateway;
    await store.append({ type: 'user', id: 'u1' }, [
      {
        type: 'user.created',
        data: { name: 'Ada', address: { city: 'London', zip: 'N1' } },
        timestamp: '2024-01-01T00:00:00Z',
      },
      {
        type: 'user.updated',
        data: { email: 'ada@example.org', address: { zip: null } },
        timestamp: '2024-01-02T00:00:00Z',
      },
      { type: 'user.deleted', data: {}, timestamp: '2024-01-03T00:00:00Z' },
    ]);
    for (const type of ['user', 'vendor'])
      await store.append({ type, id: 'both' }, { type: 'created', data: { type } });
    const counts = Array.from({ length: 250 }, (_, i) => ({ type: 'counted', data: { count: i + 1 } }));
    await store.append({ type: 'clock', id: 'a/b' }, counts);
    await store.append({ type: 'text', id: 'text' }, { type: 'said', data: 'hello' });
  });

  afterAll(() => gateway.stop());

  it('merges the data of all events in version order', async () => {
    const answer = await gateway.post('/events/streams/u1/reconstruct', {});
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      aggregateId: 'u1',
      aggregateType: 'user',
      version: 3,
      state: {
        name: 'Ada',
        email: 'ada@example.org',
        address: { city: 'London' },
        isDeleted: true,
        deletedAt: '2024-01-03T00:00:00Z',
      },
      events: [
        expect.objectContaining({ version: 1 }),
        expect.objectContaining({ version: 2 }),
        expect.objectContaining({ version: 3, id: expect.any(String) }),
      ],
      nextCursor: null,
    });
  });

  it('needs no body, and is served under /api/events too', async () => {
    const bare = await gateway.request('/api/events/streams/u1/reconstruct', { method: 'POST' });
    expect(bare).toMatchObject({ status: 200, body: { version: 3 } });
    const headers = { 'content-type': 'application/json' };
    const typed = await gateway.request('/events/streams/u1/reconstruct', { method: 'POST', headers });
    expect(typed).toMatchObject({ status: 200, body: { version: 3 } });
  });

  it('stops at a version, and at a time', async () => {
    const version = await gateway.post('/events/streams/u1/reconstruct', { toVersion: 1 });
    expect(version.body).toMatchObject({ version: 1, state: { name: 'Ada', address: { city: 'London', zip: 'N1' } } });
    const later = await gateway.post('/events/streams/u1/reconstruct', { toVersion: 99 });
    expect(later.body).toMatchObject({ version: 3 });
    const time = await gateway.post('/events/streams/u1/reconstruct', { asOf: '2024-01-02T02:00:00+02:00' });
    expect(time.body).toMatchObject({ version: 2, state: { email: 'ada@example.org' } });
    const before = await gateway.post('/events/streams/u1/reconstruct', { asOf: '2023-01-01T00:00:00Z' });
    expect(before).toMatchObject({ status: 200, body: { version: 0, state: {}, events: [], nextCursor: null } });
  });

  it('is of a state that is no object, where the data is none', async () => {
    expect((await gateway.post('/events/streams/text/reconstruct', {})).body).toMatchObject({ state: 'hello' });
  });

  it('pages the events, with the state of all of them and of the version of the first page', async () => {
    const path = `/events/streams/${encodeURIComponent('a/b')}/reconstruct`;
    const first = await gateway.post(path, { limit: 100 });
    expect(first.body).toMatchObject({ version: 250, state: { count: 250 } });
    expect(eventsOf(first)).toHaveLength(100);
    await gateway.store.append({ type: 'clock', id: 'a/b' }, { type: 'counted', data: { count: 'later' } });
    const versions = eventsOf(first).map((event) => event.version);
    let cursor = (first.body as { nextCursor: string | null }).nextCursor;
    while (cursor !== null) {
      const next = await gateway.post(path, { limit: 100, cursor });
      expect(next.body).toMatchObject({ version: 250, state: { count: 250 } });
      versions.push(...eventsOf(next).map((event) => event.version));
      cursor = (next.body as { nextCursor: string | null }).nextCursor;
    }
    expect(versions).toEqual(Array.from({ length: 250 }, (_, i) => i + 1));
  });

  it('answers 404 for an unknown aggregate', async () => {
    for (const path of ['nobody/reconstruct', 'u1/reconstruct?type=vendor', 'u1/reconstruct?tenantId=acme']) {
      const answer = await gateway.post(`/events/streams/${path}`, {});
      expect(answer).toMatchObject({ status: 404, body: { code: 'aggregate-not-found' } });
    }
  });

  it('answers 400 with the types where several have the id, until one is named', async () => {
    expect(await gateway.post('/events/streams/both/reconstruct', {})).toMatchObject({
      status: 400,
      body: { code: 'ambiguous-aggregate', aggregateTypes: ['user', 'vendor'] },
    });
    const named = await gateway.post('/events/streams/both/reconstruct?type=vendor', {});
    expect(named.body).toMatchObject({ aggregateType: 'vendor', state: { type: 'vendor' } });
  });

  it.each([
    [{ toVersion: 0 }, 'toVersion'],
    [{ toVersion: '1' }, 'toVersion'],
    [{ toVersion: 2 ** 53 }, 'toVersion'],
    [{ asOf: 'then' }, 'asOf'],
    [{ asOf: '2024-01-01T00:00:00Z', toVersion: 1 }, 'asOf'],
    [{ limit: 0 }, 'limit'],
    [{ limit: 1e9 }, 'limit'],
    [{ cursor: 'nonsense' }, 'cursor'],
    [{ allowIncomplete: 'yes' }, 'allowIncomplete'],
    [{ nonsense: 1 }, 'nonsense'],
    [[], ''],
  ])('answers 400 for %j', async (body, path) => {
    const answer = await gateway.post('/events/streams/u1/reconstruct', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
  });

  it('answers 400 for a cursor of another aggregate or another point, and for other parameters', async () => {
    const { nextCursor: cursor } = (await gateway.post('/events/streams/u1/reconstruct', { limit: 1 })).body as {
      nextCursor: string;
    };
    for (const [path, body] of [
      ['text/reconstruct', { cursor }],
      ['u1/reconstruct', { cursor, toVersion: 2 }],
      ['u1/reconstruct?nonsense=1', {}],
      ['u1/reconstruct?type=', {}],
      [`${'x'.repeat(201)}/reconstruct`, {}],
    ] as const) {
      expect((await gateway.post(`/events/streams/${path}`, body)).status).toBe(400);
    }
  });
});
