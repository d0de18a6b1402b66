import type { HistoryResponse } from '@annals/contract';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { type BuiltGateway, post, startBuiltGateway, untilReady } from './built-gateway.spec-support.ts';

describe('the built gateway over several streams', () => {
  let server: TestNatsServer;
  let gateway: BuiltGateway;

  beforeAll(async () => {
    server = await startNatsServer();
    gateway = await startBuiltGateway({
      NATS_URL: server.url,
      STREAM_TOPOLOGY: '[{"stream":"ORDERS","aggregateTypes":["order"]}]',
    });
    await untilReady(gateway);
    for (let i = 0; i < 15; i++) {
      for (const aggregateType of ['order', 'user']) {
        const event = { type: `${aggregateType}.noted`, aggregateType, aggregateId: `${i % 3}`, data: i };
        expect((await post(`${gateway.url}/events`, event)).status).toBe(201);
      }
    }
  });

  afterAll(async () => {
    await gateway?.stop();
    await server?.stop();
  });

  const page = async (query: string): Promise<HistoryResponse> =>
    (await fetch(`${gateway.url}/events/history?${query}`)).json() as Promise<HistoryResponse>;

  it('stores each type in its stream', async () => {
    expect((await page('aggregateType=order')).events.every(({ position }) => position.stream === 'ORDERS')).toBe(true);
    expect((await page('aggregateType=user')).events.every(({ position }) => position.stream === 'EVENTS')).toBe(true);
  });

  it.each(['asc', 'desc'])(
    'pages through all of them in the order of their time (%s), and counts them',
    async (order) => {
      const types: string[] = [];
      const positions = new Set<string>();
      let cursor: string | null = '';
      while (cursor !== null) {
        const answer: HistoryResponse = await page(`order=${order}&limit=7${cursor && `&cursor=${cursor}`}`);
        expect(answer.totalEvents).toBe(30);
        for (const event of answer.events) {
          types.push(event.aggregateType!);
          positions.add(`${event.position.stream}:${event.position.sequence}`);
        }
        cursor = answer.nextCursor;
      }
      const pair = order === 'asc' ? ['order', 'user'] : ['user', 'order'];
      expect(types).toEqual(Array.from({ length: 15 }, () => pair).flat());
      expect(positions.size).toBe(30);
    },
  );

  it('reads an id that types of two streams have', async () => {
    const answer = await page('aggregateId=1');
    expect(answer).toMatchObject({ totalEvents: 10 });
    expect(answer.events.map(({ data }) => data)).toEqual([1, 1, 4, 4, 7, 7, 10, 10, 13, 13]);
    const aggregate = await fetch(`${gateway.url}/events/aggregate?aggregateId=1`);
    expect(aggregate.status).toBe(400);
  });

  it('counts both in its statistics', async () => {
    const stats: unknown = await (await fetch(`${gateway.url}/events/stats`)).json();
    expect(stats).toMatchObject({
      totalEvents: 30,
      uniqueAggregates: 6,
      storage: { streams: expect.arrayContaining([expect.objectContaining({ name: 'ORDERS', messages: 15 })]) },
    });
  });

  it('refuses an append over two streams, which could not be atomic', async () => {
    const events = ['order', 'user'].map((type) => ({ type: 'a', data: 1, aggregateType: type, aggregateId: 'x' }));
    const answer = await post(`${gateway.url}/events`, { events });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ code: 'cross-stream-append' });
  });
});
