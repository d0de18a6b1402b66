import { readFileSync } from 'node:fs';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { curlLines } from './curl-line.spec-support.ts';

const read = (path: string): string => readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');

describe('the curl lines', () => {
  let gateway: InMemoryGateway;

  beforeEach(async () => {
    gateway = await startInMemoryGateway();
  });

  afterEach(() => gateway.stop());

  it('of docs/guides/using-the-http-api.md do what the text says', async () => {
    const seen: [string, number][] = [];
    for (const { url, init } of curlLines(read('docs/guides/using-the-http-api.md'))) {
      const path = url.replace('http://127.0.0.1:3000', '');
      const answer = await gateway.request(path, init);
      seen.push([`${init.method} ${path}`, answer.status]);
    }
    expect(seen).toEqual([
      ['POST /events', 201],
      ['POST /events', 201],
      ['POST /events', 409],
      ['GET /events/aggregate?aggregateType=user&aggregateId=guide-1', 200],
      ['POST /events', 201],
      ['POST /events', 201],
      ['GET /events/history?aggregateType=user&aggregateId=guide-1', 200],
      ['GET /events/history?aggregateType=user&order=desc&limit=10', 200],
      ['GET /events/replay?eventTypes=user.*,vendor.created&fromTimestamp=2024-01-01T00:00:00Z', 200],
      ['GET /events/replay', 200],
      ['POST /events/replay', 200],
      ['POST /events/streams/guide-1/reconstruct', 200],
      ['POST /events/streams/guide-1/reconstruct', 200],
      ['GET /events/stats', 200],
      ['GET /health/ready', 200],
      ['GET /metrics', 200],
      ['GET /events/history?limit=0', 400],
    ]);
    expect((await gateway.post('/events/streams/guide-1/reconstruct', {})).body).toMatchObject({
      version: 4,
      state: { name: 'Ada', email: 'ada@example.org', city: 'Paris', vendor: 'guide-2' },
    });
  });

  it("of README's first screen append an event and read it back", async () => {
    const lines = curlLines(read('README.md')).filter(({ url }) => url.startsWith('http://127.0.0.1:3000'));
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const { url, init } of lines) {
      const answer = await gateway.request(url.replace('http://127.0.0.1:3000', ''), init);
      expect(answer.status).toBeLessThan(300);
    }
    expect((await gateway.store.stats()).totalEvents).toBeGreaterThan(0);
  });
});
