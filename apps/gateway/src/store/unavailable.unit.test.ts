import { AppendOutcomeUnknown, type EventStore, Overloaded, StoreUnavailable } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import {
  type Answer,
  type InMemoryGateway,
  startInMemoryGateway,
} from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withMethods } from './replaced-methods.spec-support.ts';

const EVENT = { type: 'user.created', data: 1, aggregateType: 'user', aggregateId: 'u1', messageId: 'm1' };
const never = (): Promise<never> => new Promise(() => {});

const expectRetry = (answer: Answer, code: string): void => {
  expect(answer).toMatchObject({ status: 503, body: { code, status: 503 } });
  expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
  expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
};

describe('a gateway without a store', () => {
  let gateway: InMemoryGateway;
  let failures = 0;
  let isUp = false;
  const store = createInMemoryStore();

  beforeAll(async () => {
    gateway = await startInMemoryGateway({
      open: async () => {
        if (isUp) return store;
        failures++;
        throw new StoreUnavailable('cannot connect');
      },
    });
    await eventually(() => failures > 0);
  });

  afterAll(() => gateway.stop());

  it('listens, lives, and is not ready, for the reason it tells', async () => {
    expect(await gateway.get('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
    const ready = await gateway.get('/health/ready');
    expect(ready).toMatchObject({
      status: 503,
      body: { status: 'not-ready', reason: expect.stringContaining('cannot connect') },
    });
    expect(ready.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await gateway.get('/metrics')).text).toMatch(/^annals_store_connected 0$/m);
  });

  it('answers every route of the store with 503 and Retry-After', async () => {
    expectRetry(await gateway.post('/events', EVENT), 'store-unavailable');
    for (const path of ['history', 'replay', 'stats', 'aggregate?aggregateId=u1', 'history?aggregateId=u1']) {
      expectRetry(await gateway.get(`/events/${path}`), 'store-unavailable');
    }
    for (const path of [
      'subscriptions',
      'subscriptions/a',
      'dead-letters',
      'dead-letters/a/E/1',
      'replays',
      'replays/a',
    ]) {
      expectRetry(await gateway.get(`/events/${path}`), 'store-unavailable');
    }
    expectRetry(await gateway.post('/events/replay', { target: { subject: 'a' } }), 'store-unavailable');
    expectRetry(await gateway.post('/events/subscriptions', { name: 'a' }), 'store-unavailable');
    expectRetry(await gateway.post('/events/dead-letters/redrive', { all: true }), 'store-unavailable');
    expectRetry(await gateway.get('/events/history', { accept: 'application/x-ndjson' }), 'store-unavailable');
    expectRetry(await gateway.post('/events/replay', {}), 'store-unavailable');
    expectRetry(await gateway.post('/events/streams/u1/reconstruct', {}), 'store-unavailable');
  });

  it('still tells bad input from the missing store', async () => {
    expect((await gateway.post('/events', { ...EVENT, version: 0 })).status).toBe(400);
    expect((await gateway.get('/events/history?limit=0')).status).toBe(400);
  });

  it('takes events as soon as the store can be opened', async () => {
    isUp = true;
    await eventually(async () => (await gateway.get('/health/ready')).status === 200);
    expect((await gateway.post('/events', EVENT)).status).toBe(201);
    expect((await gateway.get('/metrics')).text).toMatch(/^annals_store_connected 1$/m);
  });
});

describe('a gateway whose store does not answer', () => {
  let gateway: InMemoryGateway;

  const start = async (methods: Partial<EventStore>): Promise<void> => {
    const store = withMethods(createInMemoryStore(), methods);
    gateway = await startInMemoryGateway({ store, env: { REQUEST_TIMEOUT_MS: '150' } });
  };

  afterEach(() => gateway.stop());

  it('answers reads within the time of a request', async () => {
    await start({ stats: never, head: never, aggregateTypesOf: never, count: never });
    const startedAt = performance.now();
    expectRetry(await gateway.get('/events/stats'), 'request-timeout');
    expectRetry(await gateway.get('/events/aggregate?aggregateId=u1&aggregateType=user'), 'request-timeout');
    expectRetry(await gateway.get('/events/history?aggregateId=u1'), 'request-timeout');
    expectRetry(await gateway.post('/events/streams/u1/reconstruct', {}), 'request-timeout');
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });

  it('says of an append that its outcome is unknown, and with which ids to repeat it', async () => {
    await start({ appendAll: never });
    const answer = await gateway.post('/events', EVENT);
    expectRetry(answer, 'append-outcome-unknown');
    expect(answer.body).toMatchObject({ messageIds: ['m1'] });
  });

  it('tells the readiness probe within its own time', async () => {
    await start({ status: never });
    expect(await gateway.get('/health/ready')).toMatchObject({ status: 503, body: { status: 'not-ready' } });
  });

  it.each([
    ['store-unavailable', new StoreUnavailable('gone')],
    ['overloaded', new Overloaded(20_000, 1)],
    ['append-outcome-unknown', new AppendOutcomeUnknown(['m1'])],
  ])('passes on %s with Retry-After', async (code, error) => {
    await start({ appendAll: () => Promise.reject(error) });
    expectRetry(await gateway.post('/events', EVENT), code);
  });

  it('answers 201 without recordedAt where the events are stored but their time cannot be read', async () => {
    for (const recordedAt of [never, () => Promise.reject(new StoreUnavailable('gone'))]) {
      await start({ recordedAt });
      const answer = await gateway.post('/events', EVENT);
      expect(answer).toMatchObject({ status: 201, body: { events: [{ id: 'm1', version: 1 }] } });
      expect(answer.text).not.toContain('recordedAt');
      await gateway.stop();
    }
    await start({});
  });

  it('keeps what it did not expect to itself, and writes it to the log under the id that it tells', async () => {
    await start({ stats: () => Promise.reject(new Error('password=secret')) });
    const answer = await gateway.get('/events/stats');
    expect(answer).toMatchObject({ status: 500, body: { code: 'internal-error' } });
    expect(answer.text).not.toContain('secret');
    const { detail } = answer.body as { detail: string };
    const [requestId] = /[0-9a-f]{8}-\d+/.exec(detail) ?? [];
    const line = gateway.logLines.find((text) => text.includes('password=secret'));
    expect(line).toContain(requestId!);
  });
});
