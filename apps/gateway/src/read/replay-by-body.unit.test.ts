import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { at, storeSampleEvents } from './sample-events.spec-support.ts';

describe('POST /events/replay', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    await storeSampleEvents(gateway.store);
  });

  afterAll(() => gateway.stop());

  it('answers with the same as GET, by body', async () => {
    const body = {
      streamId: 'u1',
      aggregateType: 'user',
      fromVersion: 1,
      toVersion: 100,
      eventTypes: ['user.updated'],
    };
    const answer = await gateway.post('/events/replay', body);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ totalEvents: 2, events: [{ data: 2 }, { data: 3 }], nextCursor: null });
  });

  it('is served under /api/events too, and takes all for an empty body', async () => {
    expect((await gateway.post('/api/events/replay', {})).body).toMatchObject({ totalEvents: 260 });
    const none = await gateway.request('/events/replay', { method: 'POST' });
    expect(none.body).toMatchObject({ totalEvents: 260 });
  });

  it('pages, orders, and takes times and a tenant', async () => {
    const body = { aggregateType: 'user', fromTimestamp: at(1), toTimestamp: at(10), order: 'desc', limit: 2 };
    const first = await gateway.post('/events/replay', body);
    expect(first.body).toMatchObject({ totalEvents: 5, events: [{ data: 'u2' }, { data: 5 }] });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await gateway.post('/events/replay', { ...body, cursor: nextCursor });
    expect(second.body).toMatchObject({ events: [{ data: 4 }, { data: 3 }] });
    expect((await gateway.post('/events/replay', { tenantId: 'acme' })).body).toMatchObject({ totalEvents: 1 });
    expect((await gateway.post('/events/replay?tenantId=acme', {})).body).toMatchObject({ totalEvents: 1 });
  });

  it.each([
    [{ limit: '10' }, 'limit'],
    [{ limit: 1001 }, 'limit'],
    [{ limit: null }, 'limit'],
    [{ fromVersion: 0 }, 'fromVersion'],
    [{ toVersion: '3' }, 'toVersion'],
    [{ eventTypes: 'user.created,user.updated' }, 'eventTypes'],
    [{ eventTypes: [] }, 'eventTypes'],
    [{ eventTypes: [1] }, 'eventTypes'],
    [{ streamId: 1 }, 'streamId'],
    [{ streamId: 'a', aggregateId: 'b' }, 'streamId'],
    [{ aggregateType: {} }, 'aggregateType'],
    [{ fromTimestamp: 5 }, 'fromTimestamp'],
    [{ order: 1 }, 'order'],
    [{ cursor: 7 }, 'cursor'],
    [{ nonsense: 1 }, 'nonsense'],
    [[], ''],
    ['"text"', ''],
    ['null', ''],
    ['{"__proto__":{"limit":1}}', '__proto__'],
  ])('answers 400 for %j', async (body, path) => {
    const answer = await gateway.post('/events/replay', body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
  });

  it('answers 400 where body and query name different tenants, and for other parameters', async () => {
    expect((await gateway.post('/events/replay?tenantId=a', { tenantId: 'b' })).status).toBe(400);
    expect((await gateway.post('/events/replay?limit=3', {})).status).toBe(400);
  });

  it('refuses a body that is nested too deeply, without failing itself', async () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    expect((await gateway.post('/events/replay', `{"junk":${deep}}`)).status).toBe(400);
    const many = Object.fromEntries(Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1]));
    expect((await gateway.post('/events/replay', many)).status).toBe(400);
  });
});
