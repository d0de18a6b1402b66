import { createInMemoryStore } from '@annals/testing';
import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withRetention } from './retained-store.spec-support.ts';

describe('an aggregate whose oldest events retention has taken', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    const store = createInMemoryStore();
    const events = Array.from({ length: 10 }, (_, i) => ({ type: 'user.updated', data: { [`f${i + 1}`]: true } }));
    await store.append({ type: 'user', id: 'u1' }, events);
    gateway = await startInMemoryGateway({ store: withRetention(store, 4) });
  });

  afterAll(() => gateway.stop());

  it.each(['', '&limit=2', '&fromVersion=6', '&order=desc&limit=3'])(
    'is told as such by history and aggregate%s',
    async (query) => {
      for (const route of ['history', 'aggregate']) {
        const answer = await gateway.get(`/events/${route}?aggregateId=u1${query}`);
        expect(answer).toMatchObject({ status: 200, body: { retainedFromVersion: 4 } });
      }
    },
  );

  it('is told as such on later pages, and counted right', async () => {
    const first = await gateway.get('/events/history?aggregateId=u1&limit=5');
    expect(first.body).toMatchObject({ totalEvents: 7, retainedFromVersion: 4 });
    const { nextCursor } = first.body as { nextCursor: string };
    const second = await gateway.get(`/events/history?aggregateId=u1&limit=5&cursor=${nextCursor}`);
    expect(second.body).toMatchObject({ totalEvents: 7, retainedFromVersion: 4, nextCursor: null });
    expect(eventsOf(second).map((event) => event.version)).toEqual([9, 10]);
  });

  it('is answered also to a client that has its version: it may have seen more events of it', async () => {
    const answer = await gateway.get('/events/aggregate?aggregateId=u1', { 'if-none-match': '"10"' });
    expect(answer).toMatchObject({ status: 200, body: { version: 10, retainedFromVersion: 4 } });
    expect(answer.headers.get('etag')).toBe('"10"');
  });

  it('is refused by reconstruct, unless the rest is said to be enough', async () => {
    const refused = await gateway.post('/events/streams/u1/reconstruct', {});
    expect(refused).toMatchObject({
      status: 409,
      body: { code: 'history-incomplete', retainedFromVersion: 4, aggregateId: 'u1' },
    });
    const asOf = await gateway.post('/events/streams/u1/reconstruct', { asOf: '2100-01-01T00:00:00Z' });
    expect(asOf.status).toBe(409);
    const allowed = await gateway.post('/events/streams/u1/reconstruct', { allowIncomplete: true, toVersion: 5 });
    expect(allowed).toMatchObject({
      status: 200,
      body: { version: 5, retainedFromVersion: 4, state: { f4: true, f5: true } },
    });
  });
});
