import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

describe('GET /metrics', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  const value = async (sample: string): Promise<number> => {
    const { text } = await gateway.get('/metrics');
    const line = text.split('\n').find((candidate) => candidate.startsWith(`${sample} `));
    return line === undefined ? 0 : Number(line.slice(sample.length + 1));
  };

  it('is in the text format of Prometheus, with defaults of the process', async () => {
    const answer = await gateway.get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(answer.text).toMatch(/^process_cpu_seconds_total \d/m);
    expect(await value('annals_store_connected')).toBe(1);
  });

  it('counts stored events, and appends by outcome', async () => {
    const event = {
      type: 'a',
      data: 1,
      aggregateType: 'metric',
      aggregateId: 'm1',
      messageId: 'm1',
      expectedVersion: 0,
    };
    await gateway.post('/events', { events: [event, { ...event, messageId: 'm2' }] });
    await gateway.post('/events', { events: [event, { ...event, messageId: 'm2' }] });
    await gateway.post('/events', { ...event, messageId: 'other' });
    await gateway.post('/events', { ...event, type: '' });
    expect(await value('annals_appended_events_total')).toBe(2);
    expect(await value('annals_append_duration_seconds_count{outcome="stored"}')).toBe(1);
    expect(await value('annals_append_duration_seconds_count{outcome="repeated"}')).toBe(1);
    expect(await value('annals_append_duration_seconds_count{outcome="failed"}')).toBe(2);
  });

  it('counts reads by operation, with the events that they answered with', async () => {
    await gateway.get('/events/history?aggregateId=m1');
    await gateway.get('/events/aggregate?aggregateId=m1&limit=1');
    await gateway.get('/events/stats');
    await gateway.post('/events/streams/m1/reconstruct', {});
    expect(await value('annals_read_events_total{operation="history"}')).toBe(2);
    expect(await value('annals_read_events_total{operation="aggregate"}')).toBe(1);
    expect(await value('annals_read_events_total{operation="reconstruct"}')).toBe(2);
    expect(await value('annals_read_duration_seconds_count{operation="stats",outcome="answered"}')).toBe(1);
  });

  it('counts problems by code', async () => {
    await gateway.get('/events/history?limit=0');
    await gateway.get('/nothing');
    expect(await value('annals_problems_total{code="not-found"}')).toBe(1);
    expect(await value('annals_problems_total{code="concurrency-conflict"}')).toBe(1);
    expect(await value('annals_problems_total{code="validation-failed"}')).toBeGreaterThan(0);
  });

  it('labels requests with the template of their route, whatever the path', async () => {
    for (const id of ['m1', 'x', 'y']) await gateway.post(`/api/events/streams/${id}/reconstruct`, {});
    for (const path of ['/nothing-1', '/nothing-2', '/events/%20']) await gateway.get(path);
    const { text } = await gateway.get('/metrics');
    const routes = new Set([...text.matchAll(/route="([^"]*)"/g)].map(([, route]) => route!));
    expect([...routes].sort()).toEqual([
      '(none)',
      '/events',
      '/events/aggregate',
      '/events/history',
      '/events/stats',
      '/events/streams/:id/reconstruct',
      '/metrics',
    ]);
  });
});
