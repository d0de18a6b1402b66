import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('GET /events/stats', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  it('is of zeros and nulls without events', async () => {
    expect((await gateway.get('/events/stats')).body).toEqual({
      totalEvents: 0,
      uniqueAggregates: 0,
      eventTypes: 0,
      eventTypeBreakdown: {},
      aggregateTypeBreakdown: {},
      timeRange: { earliest: null, latest: null },
      storage: { bytes: 0, streams: [{ name: 'EVENTS', messages: 0, bytes: 0 }] },
    });
  });

  it("counts a tenant's events, in the documented shape", async () => {
    const { store } = gateway;
    const user = { type: 'user', id: 'u1' };
    await store.append(user, { type: 'user.created', data: 1, timestamp: '2024-01-01T00:00:00Z' });
    await store.append(user, { type: 'user.updated', data: 1, timestamp: '2024-01-31T23:59:59Z' });
    await store.append(
      { type: 'vendor', id: 'v1' },
      { type: 'vendor.created', data: 1, timestamp: '2024-01-15T00:00:00Z' },
    );
    await store.append({ ...user, tenantId: 'acme' }, { type: 'user.created', data: 1 });
    for (const path of ['/events/stats', '/api/events/stats', '/events/stats?tenantId=default']) {
      expect((await gateway.get(path)).body).toMatchObject({
        totalEvents: 3,
        uniqueAggregates: 2,
        eventTypes: 3,
        eventTypeBreakdown: { 'user.created': 1, 'user.updated': 1, 'vendor.created': 1 },
        aggregateTypeBreakdown: { user: 2, vendor: 1 },
        timeRange: { earliest: '2024-01-01T00:00:00Z', latest: '2024-01-31T23:59:59Z' },
        storage: { bytes: expect.any(Number) },
      });
    }
    expect((await gateway.get('/events/stats?tenantId=acme')).body).toMatchObject({ totalEvents: 1 });
  });

  it.each(['nonsense=1', 'tenantId=', 'tenantId=a&tenantId=b', `tenantId=${'x'.repeat(201)}`])(
    'answers 400 for %s',
    async (query) => {
      const answer = await gateway.get(`/events/stats?${query}`);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    },
  );
});
