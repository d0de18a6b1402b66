import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withMethods } from '../store/replaced-methods.spec-support.ts';

describe('POST /events', () => {
  let gateway: InMemoryGateway;
  let ids = 0;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
  });

  afterAll(() => gateway.stop());

  /** An event of an aggregate that no other test uses. */
  const userCreated = (fields: object = {}): Record<string, unknown> => ({
    type: 'user.created',
    data: { name: 'Ada' },
    aggregateType: 'user',
    aggregateId: `user-${++ids}`,
    ...fields,
  });

  it('stores one event and answers with its id, version, position and time', async () => {
    const event = userCreated();
    const answer = await gateway.post('/events', event);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(answer.body).toEqual({
      events: [
        {
          id: expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/),
          type: 'user.created',
          aggregateType: 'user',
          aggregateId: event['aggregateId'],
          version: 1,
          position: { stream: 'EVENTS', sequence: expect.any(Number) },
          recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
        },
      ],
    });
  });

  it('keeps every field of the envelope', async () => {
    const event = userCreated({
      messageId: 'message-1',
      timestamp: '2024-01-01T12:00:00.120+02:00',
      tenantId: 'acme',
      schemaVersion: 'v2',
      correlationId: 'chain',
      causationId: 'cause',
      userId: 'clerk-456',
      source: { type: 'service', id: 'users', name: 'Users' },
      tags: ['vendor:7'],
      metadata: { source: 'clerk' },
    });
    expect((await gateway.post('/events', event)).status).toBe(201);
    const history = await gateway.get(`/events/history?aggregateId=${event['aggregateId']}&tenantId=acme`);
    expect(eventsOf(history)).toEqual([
      {
        id: 'message-1',
        type: 'user.created',
        timestamp: '2024-01-01T10:00:00.120Z',
        recordedAt: expect.any(String),
        tenantId: 'acme',
        aggregateId: event['aggregateId'],
        aggregateType: 'user',
        version: 1,
        schemaVersion: 2,
        correlationId: 'chain',
        causationId: 'cause',
        userId: 'clerk-456',
        source: { type: 'service', id: 'users', name: 'Users' },
        tags: ['vendor:7'],
        data: { name: 'Ada' },
        metadata: { source: 'clerk' },
        position: { stream: 'EVENTS', sequence: expect.any(Number) },
      },
    ]);
  });

  it('is served under /api/events too', async () => {
    expect((await gateway.post('/api/events', userCreated())).status).toBe(201);
  });

  it('stores events of several aggregates and of none at once, and answers in the order of the request', async () => {
    const [a, b] = [`a-${++ids}`, `b-${ids}`];
    const events = [
      { type: 'user.created', data: 1, aggregateType: 'user', aggregateId: a },
      { type: 'vendor.created', data: 2, aggregateType: 'vendor', aggregateId: b },
      { type: 'system.noticed', data: 3 },
      { type: 'user.updated', data: 4, aggregateType: 'user', aggregateId: a },
    ];
    const answer = await gateway.post('/events', { events });
    expect(answer.status).toBe(201);
    expect(eventsOf(answer)).toMatchObject([
      { type: 'user.created', aggregateId: a, version: 1 },
      { type: 'vendor.created', aggregateId: b, version: 1 },
      { type: 'system.noticed' },
      { type: 'user.updated', aggregateId: a, version: 2 },
    ]);
    expect(eventsOf(answer)[2]).not.toHaveProperty('version');
  });

  it('stores nothing of several aggregates when one is at another version', async () => {
    const taken = userCreated();
    await gateway.post('/events', taken);
    const fresh = userCreated();
    const answer = await gateway.post('/events', { events: [fresh, { ...taken, expectedVersion: 'none' }] });
    expect(answer).toMatchObject({
      status: 409,
      body: {
        code: 'concurrency-conflict',
        expectedVersion: 'none',
        actualVersion: 1,
        aggregateId: taken['aggregateId'],
      },
    });
    const history = await gateway.get(`/events/history?aggregateId=${fresh['aggregateId']}`);
    expect(history.body).toMatchObject({ totalEvents: 0, events: [] });
  });

  it.each([
    ['expectedVersion', { expectedVersion: 1 }],
    ['version', { version: 2 }],
    ['both, where they agree', { version: 2, expectedVersion: 1 }],
    ['exists', { expectedVersion: 'exists' }],
    ['any', { expectedVersion: 'any' }],
  ])('appends at the version that is expected by %s', async (_, fields) => {
    const event = userCreated();
    await gateway.post('/events', event);
    const answer = await gateway.post('/events', { ...event, ...fields });
    expect(answer).toMatchObject({ status: 201, body: { events: [{ version: 2 }] } });
  });

  it.each([
    ['a stale number', { expectedVersion: 0 }, 0],
    ['a future number', { expectedVersion: 7 }, 7],
    ['none', { expectedVersion: 'none' }, 'none'],
    ['version 1', { version: 1 }, 0],
  ])('answers 409 with both versions for %s', async (_, fields, expectedVersion) => {
    const event = userCreated();
    await gateway.post('/events', event);
    const answer = await gateway.post('/events', { ...event, ...fields });
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer).toMatchObject({
      status: 409,
      body: { code: 'concurrency-conflict', expectedVersion, actualVersion: 1 },
    });
  });

  it('lets the first event of an aggregate say what is expected for all of them', async () => {
    const event = userCreated();
    const events = [
      { ...event, version: 1 },
      { ...event, version: 2 },
      { ...event, expectedVersion: 17 },
    ];
    expect(eventsOf(await gateway.post('/events', { events }))).toMatchObject([
      { version: 1 },
      { version: 2 },
      { version: 3 },
    ]);
  });

  it('lets exactly one of two clients write a version', async () => {
    const event = userCreated();
    await gateway.post('/events', event);
    const race = await Promise.all([1, 2].map(() => gateway.post('/events', { ...event, expectedVersion: 1 })));
    expect(race.map((answer) => answer.status).sort()).toEqual([201, 409]);
  });

  it('takes the tenant from the query where the event names none', async () => {
    const event = userCreated();
    await gateway.post('/events?tenantId=acme', event);
    const path = `/events/history?aggregateId=${event['aggregateId']}`;
    expect((await gateway.get(`${path}&tenantId=acme`)).body).toMatchObject({ totalEvents: 1 });
    expect((await gateway.get(path)).body).toMatchObject({ totalEvents: 0 });
  });

  it('takes 1,000 events at once', async () => {
    const event = userCreated();
    const events = Array.from({ length: 1_000 }, (_, i) => ({ ...event, data: i }));
    const answer = await gateway.post('/events', { events });
    expect(answer.status).toBe(201);
    expect(eventsOf(answer).map(({ version }) => version)).toEqual(events.map((_, i) => i + 1));
  });

  it('keeps keys like __proto__ in data, without effect on anything else', async () => {
    const id = userCreated()['aggregateId'];
    const data = '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}},"a":1,"a":2}';
    const body = `{"type":"user.created","aggregateType":"user","aggregateId":"${id}","data":${data}}`;
    expect((await gateway.post('/events', body)).status).toBe(201);
    const history = await gateway.get(`/events/history?aggregateId=${id}`);
    expect(history.text).toContain('"__proto__":{"polluted":true}');
    expect(history.text).toContain('"a":2');
    const state = await gateway.post(`/events/streams/${id}/reconstruct`, {});
    expect(state.status).toBe(200);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('reads a body with a byte order mark', async () => {
    expect((await gateway.post('/events', `\ufeff${JSON.stringify(userCreated())}`)).status).toBe(201);
  });

  describe('with a trace context', () => {
    const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

    it.each([
      [{ traceparent: TRACEPARENT }, { traceparent: TRACEPARENT }],
      [
        { traceparent: TRACEPARENT, tracestate: 'a=1,b=2' },
        { traceparent: TRACEPARENT, tracestate: 'a=1,b=2' },
      ],
      [{ traceparent: TRACEPARENT, tracestate: 'x'.repeat(513) }, { traceparent: TRACEPARENT }],
      [{ traceparent: 'nonsense' }, undefined],
      [{ traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }, undefined],
      [{ tracestate: 'a=1' }, undefined],
    ])('stores %j as %j with the events, and never fails for it', async (headers, traceContext) => {
      const seen: unknown[] = [];
      const store = createInMemoryStore();
      const appendAll: EventStore['appendAll'] = (parts, options) => {
        seen.push(options?.traceContext);
        return store.appendAll(parts, options);
      };
      const traced = await startInMemoryGateway({ store: withMethods(store, { appendAll }) });
      const answer = await traced.post('/events', userCreated(), headers);
      await traced.stop();
      expect(answer.status).toBe(201);
      expect(seen).toEqual([traceContext]);
    });
  });
});
