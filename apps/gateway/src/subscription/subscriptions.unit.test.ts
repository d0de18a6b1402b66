import { StoreUnavailable, SubscriptionConflict, SubscriptionNotFound, type SubscriptionStatus } from '@annals/core';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { type PortCall, scriptedPorts } from '../operations/scripted-ports.spec-support.ts';

const status = (name: string): SubscriptionStatus => ({
  name,
  filter: { eventTypes: ['order.*'] },
  mode: 'ordered',
  maxDeliver: 5,
  backoffMs: [1_000],
  onDeadLetter: 'park',
  state: 'catching-up',
  createdAt: '2024-01-01T00:00:00.000Z',
  pending: 7,
  ackPending: 3,
  redelivered: 1,
  redeliveries: 0,
  deadLetters: 2,
  parkedAggregates: 1,
  waiting: 1,
  lastDeliveredAt: '2024-01-01T00:00:01.000Z',
  streams: [
    { stream: 'EVENTS', checkpoint: 4, delivered: 7, lastSequence: 14, pending: 7, ackPending: 3, redelivered: 1 },
  ],
});
const preview = { events: 9, again: 4, skipped: 0, from: [{ stream: 'EVENTS', sequence: 1 }] };

describe('/events/subscriptions', () => {
  let gateway: InMemoryGateway;
  let calls: PortCall[];
  let known: string[];

  beforeAll(async () => {
    const need = (name: string): SubscriptionStatus => {
      if (!known.includes(name)) throw new SubscriptionNotFound(name);
      return status(name);
    };
    const ports = scriptedPorts({
      subscriptions: {
        list: () => known.map(status),
        get: need,
        create: ({ name }: { name: string }) => {
          if (name === 'other-mode') throw new SubscriptionConflict(name, 'is ordered, not shared');
          return status(name);
        },
        pause: (name: string) => ({ ...need(name), state: 'paused' }),
        resume: need,
        previewRewind: (name: string) => need(name) && preview,
        rewind: (name: string) => need(name) && preview,
        delete: (name: string) => void need(name),
      },
    });
    calls = ports.calls;
    gateway = await startInMemoryGateway({ store: ports.store });
  });

  beforeEach(() => {
    calls.length = 0;
    known = ['billing', 'a:b.c-d_e'];
  });

  afterAll(() => gateway.stop());

  const path = '/events/subscriptions';

  it('lists all by name, with all that is known of each', async () => {
    const answer = await gateway.get(path);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({ subscriptions: [status('a:b.c-d_e'), status('billing')], nextCursor: null });
  });

  it('lists page by page, also when one is deleted in between', async () => {
    known = ['c', 'a', 'd', 'b'];
    const first = (await gateway.get(`${path}?limit=2`)).body as {
      subscriptions: { name: string }[];
      nextCursor: string;
    };
    expect(first.subscriptions.map(({ name }) => name)).toEqual(['a', 'b']);
    known = ['c', 'a', 'd'];
    const second = await gateway.get(`${path}?limit=2&cursor=${first.nextCursor}`);
    expect(second.body).toMatchObject({ subscriptions: [{ name: 'c' }, { name: 'd' }], nextCursor: null });
    expect(await gateway.get(`${path}?cursor=${'%21'}`)).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'cursor' }] },
    });
  });

  it('shows one, under both bases, and 404 for an unknown one', async () => {
    expect(await gateway.get(`${path}/billing`)).toMatchObject({ status: 200, body: { name: 'billing', pending: 7 } });
    expect((await gateway.get(`/api${path}/a%3Ab.c-d_e`)).body).toMatchObject({ name: 'a:b.c-d_e' });
    expect(await gateway.get(`${path}/nobody`)).toMatchObject({
      status: 404,
      body: { code: 'subscription-not-found', detail: expect.stringContaining('nobody') },
    });
  });

  it('makes one: 201 and where it is, 200 when it is there already', async () => {
    const body = {
      name: 'mailer',
      filter: { tenantId: 'acme', eventTypes: ['user.*'] },
      from: { after: { stream: 'EVENTS', sequence: 3 } },
      mode: 'ordered',
      maxDeliver: 3,
      backoffMs: [10, 20],
      onDeadLetter: 'continue',
    };
    const made = await gateway.post(path, body);
    expect(made).toMatchObject({ status: 201, body: { name: 'mailer' } });
    expect(made.headers.get('location')).toBe('/events/subscriptions/mailer');
    expect(calls.at(-1)).toEqual({ method: 'create', args: [body] });
    known.push('mailer');
    const again = await gateway.post(`/api${path}`, body);
    expect(again.status).toBe(200);
    expect(again.headers.get('location')).toBe('/api/events/subscriptions/mailer');
  });

  it('answers 409 where one of that name is otherwise', async () => {
    const answer = await gateway.post(path, { name: 'other-mode' });
    expect(answer).toMatchObject({ status: 409, body: { code: 'subscription-conflict' } });
  });

  it.each([
    [{}, ['name']],
    [{ name: 'a b' }, ['name']],
    [{ name: null }, ['name']],
    [{ name: 'x', mode: 'fast', maxDeliver: 0 }, ['mode', 'maxDeliver']],
    [{ name: 'x', filter: { eventTypes: ['a..b'], colour: 1 } }, ['filter.colour', 'filter.eventTypes.0']],
    [{ name: 'x', filter: [], from: 'yesterday' }, ['from', 'filter']],
    [{ name: 'x', from: { after: { stream: 'EVENTS', sequence: -1 } } }, ['from.after.sequence']],
    [{ name: 'x', from: { after: Array.from({ length: 101 }, () => ({})) } }, ['from.after']],
    [{ name: 'x', backoffMs: 5 }, ['backoffMs']],
    [{ name: 'x', onDeadLetter: 'park' }, ['onDeadLetter']],
    [{ name: 'x', handler: 'none' }, ['handler']],
    ['[]', ['']],
  ])('answers 400 for %.100j, and asks nothing of the store', async (body, paths) => {
    const answer = await gateway.post(path, body);
    expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
    const { errors } = answer.body as { errors: { path: string }[] };
    expect(errors.map((error) => error.path)).toEqual(paths);
    expect(calls).toEqual([]);
  });

  it('pauses and resumes', async () => {
    expect(await gateway.post(`${path}/billing/pause`, {})).toMatchObject({ status: 200, body: { state: 'paused' } });
    const resumed = await gateway.request(`${path}/billing/resume`, { method: 'POST' });
    expect(resumed).toMatchObject({ status: 200, body: { state: 'catching-up' } });
    expect(calls.map(({ method }) => method)).toEqual(['pause', 'resume']);
    expect((await gateway.post(`${path}/nobody/pause`, {})).status).toBe(404);
    expect((await gateway.post(`${path}/billing/pause`, { until: 'now' })).status).toBe(400);
    expect((await gateway.post(`${path}/billing/resume?force=true`, {})).status).toBe(400);
  });

  it.each([
    ['beginning', 'beginning'],
    ['now', 'now'],
    [{ after: { stream: 'EVENTS', sequence: 5 } }, { after: [{ stream: 'EVENTS', sequence: 5 }] }],
    [{ recordedFrom: '2024-01-01T02:00:00+02:00' }, { recordedFrom: '2024-01-01T00:00:00Z' }],
  ])('rewinds to %j, or only tells what that would do', async (to, asked) => {
    const told = await gateway.post(`${path}/billing/rewind`, { to, preview: true });
    expect(told).toMatchObject({ status: 200, body: { subscription: 'billing', preview: true, ...preview } });
    expect(calls).toEqual([{ method: 'previewRewind', args: ['billing', asked] }]);
    const done = await gateway.post(`${path}/billing/rewind`, { to });
    expect(done).toMatchObject({ status: 200, body: { preview: false, ...preview } });
    expect(calls.at(-1)).toEqual({ method: 'rewind', args: ['billing', asked] });
  });

  it.each([
    [{}, 'to'],
    [{ to: null }, 'to'],
    [{ to: 'end' }, 'to'],
    [{ to: { recordedFrom: 'yesterday' } }, 'to.recordedFrom'],
    [{ to: { after: { sequence: 1 } } }, 'to.after.stream'],
    [{ to: 'now', preview: 'yes' }, 'preview'],
    [{ to: 'now', from: 'now' }, 'from'],
  ])('answers 400 for a rewind with %j', async (body, at) => {
    const answer = await gateway.post(`${path}/billing/rewind`, body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: at }] } });
    expect(calls).toEqual([]);
  });

  it('deletes, and answers 404 where there is nothing to delete', async () => {
    const answer = await gateway.request(`${path}/billing`, { method: 'DELETE' });
    expect(answer).toMatchObject({ status: 204, text: '' });
    expect(calls).toEqual([{ method: 'delete', args: ['billing'] }]);
    expect((await gateway.request(`${path}/nobody`, { method: 'DELETE' })).status).toBe(404);
  });

  it.each([
    ['GET', `${path}/a%20b`, 400],
    ['GET', `${path}/${'x'.repeat(101)}`, 400],
    ['GET', `${path}?state=live`, 400],
    ['GET', `${path}?limit=0`, 400],
    ['GET', `${path}/billing?tenantId=a`, 400],
    ['PUT', `${path}/billing`, 405],
    ['GET', `${path}/billing/pause`, 405],
  ])('answers %s %s with %s', async (method, at, expected) => {
    expect((await gateway.request(at, { method })).status).toBe(expected);
  });
});

describe('/events/subscriptions of a store that is away', () => {
  it('answers 503 with Retry-After, within the time of a request', async () => {
    const gone = (): never => {
      throw new StoreUnavailable('gone');
    };
    const { store } = scriptedPorts({ subscriptions: { list: () => new Promise(() => {}), get: gone, rewind: gone } });
    const gateway = await startInMemoryGateway({ store, env: { REQUEST_TIMEOUT_MS: '150' } });
    try {
      const late = await gateway.get('/events/subscriptions');
      expect(late).toMatchObject({ status: 503, body: { code: 'request-timeout' } });
      for (const answer of [
        late,
        await gateway.get('/events/subscriptions/x'),
        await gateway.post('/events/subscriptions', { name: 'x' }),
        await gateway.post('/events/subscriptions/x/rewind', { to: 'now' }),
      ]) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      }
    } finally {
      await gateway.stop();
    }
  });
});
