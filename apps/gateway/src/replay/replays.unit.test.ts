import { ReplayFinished, type ReplayJob, ReplayNotFound, type ReplayRequest, ReplayTargetRefused } from '@annals/core';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { type PortCall, scriptedPorts } from '../operations/scripted-ports.spec-support.ts';

const ID = '01J9Z3N8Q4W7T5B6C2D1E0F9GH';
const job = (id: string, more: Partial<ReplayJob> = {}): ReplayJob => ({
  id,
  state: 'running',
  filter: { tenantId: 'default' },
  target: { type: 'subject', subject: 'somewhere.else' },
  dryRun: false,
  createdAt: '2024-01-01T00:00:00.000Z',
  updatedAt: '2024-01-01T00:00:01.000Z',
  total: 10,
  delivered: 4,
  failed: 1,
  rate: 2.5,
  etaMs: 2_000,
  checkpoint: [{ stream: 'EVENTS', sequence: 5 }],
  failures: [{ position: { stream: 'EVENTS', sequence: 3 }, messageId: 'm3', reason: 'answered 500' }],
  ...more,
});

describe('replays', () => {
  let gateway: InMemoryGateway;
  let calls: PortCall[];
  let jobs: ReplayJob[];

  beforeAll(async () => {
    const find = (id: string): ReplayJob => {
      const found = jobs.find((each) => each.id === id);
      if (found === undefined) throw new ReplayNotFound(id);
      return found;
    };
    const open = (id: string, state: ReplayJob['state']): ReplayJob => {
      const found = find(id);
      if (found.state === 'completed') throw new ReplayFinished(id, found.state);
      return { ...found, state };
    };
    const ports = scriptedPorts({
      replays: {
        start: ({ filter = {}, target, dryRun = false }: ReplayRequest) => {
          if (target.type === 'webhook' && target.url.includes('10.0.0.1')) {
            throw new ReplayTargetRefused('10.0.0.1 is a private address');
          }
          return job(ID, { state: 'pending', filter, target, dryRun });
        },
        list: () => ({ jobs, nextCursor: 'more' }),
        get: find,
        pause: (id: string) => open(id, 'paused'),
        resume: (id: string) => open(id, 'running'),
        cancel: (id: string) => open(id, 'cancelled'),
      },
    });
    calls = ports.calls;
    gateway = await startInMemoryGateway({ store: ports.store });
  });

  beforeEach(() => {
    calls.length = 0;
    jobs = [job(ID), job('done', { state: 'completed', filter: { eventTypes: ['user.*', 'a'] } })];
  });

  afterAll(() => gateway.stop());

  const start = (body: unknown, headers: Record<string, string> = {}) => gateway.post('/events/replay', body, headers);
  const asked = (): ReplayRequest => calls[0]!.args[0] as ReplayRequest;

  describe('POST /events/replay with a target', () => {
    it('starts a job: 202, and where to look', async () => {
      const answer = await start({ target: { subject: 'somewhere.else' } });
      expect(answer).toMatchObject({ status: 202, body: { id: ID, state: 'pending', inProgress: true } });
      expect(answer.headers.get('location')).toBe(`/events/replays/${ID}`);
      const other = await gateway.post('/api/events/replay', { target: { subject: 'somewhere.else' } });
      expect(other.headers.get('location')).toBe(`/api/events/replays/${ID}`);
    });

    it('hands every criterion to the store', async () => {
      const body = {
        aggregateId: 'u1',
        aggregateType: 'user',
        eventTypes: ['user.*'],
        eventType: 'a',
        fromTimestamp: '2024-01-01T00:00:00Z',
        toTimestamp: '2024-01-02T00:00:00+00:00',
        recordedFrom: '2024-01-01T00:00:00Z',
        recordedTo: '2024-01-02T00:00:00Z',
        fromVersion: 1,
        toVersion: 9,
        tenantId: 'acme',
        correlationId: 'c-1',
        after: [{ stream: 'EVENTS', sequence: 7, more: 1 }],
        target: { subscription: 'billing' },
        ratePerSecond: 5,
        dryRun: true,
      };
      expect((await start(body, { 'idempotency-key': 'k-1' })).status).toBe(202);
      const { target: _, ratePerSecond: __, dryRun: ___, eventType: ____, ...criteria } = body;
      expect(asked()).toEqual({
        filter: {
          ...criteria,
          eventTypes: ['a', 'user.*'],
          toTimestamp: '2024-01-02T00:00:00Z',
          after: [{ stream: 'EVENTS', sequence: 7 }],
        },
        target: { type: 'subscription', name: 'billing' },
        ratePerSecond: 5,
        dryRun: true,
        idempotencyKey: 'k-1',
      });
    });

    it('is about the tenant default, the one that is named, or all of them', async () => {
      const target = { subscriptions: 'all' };
      await start({ target });
      await gateway.post('/events/replay?tenantId=acme', { target });
      await start({ target, allTenants: true });
      const filters = calls.map(({ args }) => (args[0] as ReplayRequest).filter);
      expect(filters).toEqual([{ tenantId: 'default' }, { tenantId: 'acme' }, {}]);
    });

    it.each([
      [{ subscription: 'billing' }, { type: 'subscription', name: 'billing' }, { subscription: 'billing' }],
      [{ subscriptions: 'all' }, { type: 'all-subscriptions' }, { subscriptions: 'all' }],
      [{ subject: 'x.y' }, { type: 'subject', subject: 'x.y' }, { subject: 'x.y' }],
      [{ webhook: 'https://a.b/c' }, { type: 'webhook', url: 'https://a.b/c' }, { webhook: 'https://a.b/c' }],
      [{ url: 'https://a.b/c' }, { type: 'webhook', url: 'https://a.b/c' }, { webhook: 'https://a.b/c' }],
      [{ file: 'users.ndjson' }, { type: 'file', name: 'users.ndjson' }, { file: 'users.ndjson' }],
    ])('takes the target %j', async (target, wanted, shown) => {
      const answer = await start({ target });
      expect(asked().target).toEqual(wanted);
      expect(answer.body).toMatchObject({ target: shown });
    });

    it('takes streamId for aggregateId, and one position for a list of one', async () => {
      await start({ streamId: 'u1', after: { stream: 'EVENTS', sequence: 0 }, target: { subject: 'x' } });
      expect(asked().filter).toEqual({
        tenantId: 'default',
        aggregateId: 'u1',
        after: [{ stream: 'EVENTS', sequence: 0 }],
      });
    });

    const subject = { subject: 'x.y' };
    it.each([
      [{ target: 'billing' }, ['target']],
      [{ target: null }, ['target']],
      [{ target: {} }, ['target']],
      [{ target: { subject: 'x', file: 'y' } }, ['target']],
      [{ target: { type: 'subject', subject: 'x' } }, ['target']],
      [{ target: { toString: 'x' } }, ['target']],
      [{ target: { subscription: 5 } }, ['target.subscription']],
      [{ target: { subscription: 'a b' } }, ['target.subscription']],
      [{ target: { subscriptions: 'some' } }, ['target.subscriptions']],
      [{ target: { subject: 'evt.default.user' } }, ['target.subject']],
      [{ target: { subject: 'a.*' } }, ['target.subject']],
      [{ target: { webhook: 'ftp://a' } }, ['target.webhook']],
      [{ target: { url: 'https://user:secret@a' } }, ['target.url']],
      [{ target: { file: '../etc/passwd' } }, ['target.file']],
      [{ target: subject, limit: 5, order: 'desc' }, ['limit', 'order']],
      [
        { target: { file: '.x' }, cursor: 'c', tenantId: 'a', allTenants: true },
        ['cursor', 'allTenants', 'target.file'],
      ],
      [{ target: subject, after: { stream: 'EVENTS', sequence: -1 } }, ['after.sequence']],
      [{ target: subject, after: [{ stream: 'EVENTS', sequence: 1 }, 5] }, ['after.1.stream', 'after.1.sequence']],
      [{ target: subject, after: [] }, ['after']],
      [{ target: subject, after: Array.from({ length: 101 }, () => ({})) }, ['after']],
      [{ target: subject, correlationId: '' }, ['correlationId']],
      [{ target: subject, correlationId: 'x'.repeat(501) }, ['correlationId']],
      [{ target: subject, ratePerSecond: 0 }, ['ratePerSecond']],
      [{ target: subject, ratePerSecond: '5' }, ['ratePerSecond']],
      [{ target: subject, dryRun: 'yes' }, ['dryRun']],
      [{ target: subject, fromVersion: 3, toVersion: 2 }, ['fromVersion']],
      [{ target: subject, eventTypes: ['a..b'] }, ['eventTypes']],
      [{ target: subject, rate: 5 }, ['rate']],
    ])('answers 400 for %.100j, and starts nothing', async (body, paths) => {
      const answer = await start(body);
      expect(answer).toMatchObject({ status: 400, body: { code: 'validation-failed' } });
      const { errors } = answer.body as { errors: { path: string }[] };
      expect(errors.map(({ path }) => path)).toEqual(paths);
      expect(calls).toEqual([]);
    });

    it('answers 400 for a bad Idempotency-Key, and 422 for a target that is refused', async () => {
      const answer = await start({ target: subject }, { 'idempotency-key': 'x'.repeat(201) });
      expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } });
      const refused = await start({ target: { webhook: 'http://10.0.0.1/' } });
      expect(refused).toMatchObject({ status: 422, body: { code: 'replay-target-refused' } });
    });

    it.each(['correlationId', 'after', 'allTenants', 'ratePerSecond', 'dryRun'])(
      'answers 400 for %s without a target: it would be passed over',
      async (field) => {
        const values = { correlationId: 'c', after: [{ stream: 'EVENTS', sequence: 1 }], ratePerSecond: 5 };
        const answer = await start({ [field]: (values as Record<string, unknown>)[field] ?? true });
        expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: field }] } });
      },
    );
  });

  it('shows a job with its progress, and its summary beside', async () => {
    const answer = await gateway.get(`/events/replays/${ID}`);
    const { target: _, ...same } = job(ID);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...same,
      target: { subject: 'somewhere.else' },
      pattern: '>',
      eventCount: 10,
      successCount: 4,
      failureCount: 1,
      inProgress: true,
    });
    expect((await gateway.get('/api/events/replays/done')).body).toMatchObject({
      inProgress: false,
      pattern: 'user.*,a',
    });
  });

  it('shows what a dry run found, results by subscription, and where a file is', async () => {
    const event = {
      messageId: 'm1',
      type: 'a',
      data: 1,
      timestamp: '2024-01-01T00:00:00Z',
      tenantId: 'default',
      schemaVersion: 1,
      position: { stream: 'EVENTS', sequence: 1 },
      recordedAt: '2024-01-01T00:00:00Z',
    };
    const results = [{ subscription: 'billing', delivered: 1, failed: 0 }];
    jobs = [job(ID, { dryRun: true, sample: [event], results, file: { path: '/data/x.ndjson', bytes: 9 } })];
    const { messageId: id, ...rest } = event;
    expect((await gateway.get(`/events/replays/${ID}`)).body).toMatchObject({
      sample: [{ id, ...rest }],
      results,
      file: { path: '/data/x.ndjson', bytes: 9 },
    });
  });

  it('lists jobs, by state, page by page', async () => {
    const answer = await gateway.get('/events/replays');
    expect(answer).toMatchObject({ status: 200, body: { replays: [{ id: ID }, { id: 'done' }], nextCursor: 'more' } });
    await gateway.get('/events/replays?state=running,paused&limit=5&cursor=more');
    expect(calls.map(({ args }) => args[0])).toEqual([{}, { states: ['running', 'paused'], limit: 5, cursor: 'more' }]);
  });

  it.each([
    ['pause', 'paused'],
    ['resume', 'running'],
    ['cancel', 'cancelled'],
  ])('answers %s with the job, 409 for a finished one, 404 for an unknown one', async (action, state) => {
    expect(await gateway.post(`/events/replays/${ID}/${action}`, {})).toMatchObject({ status: 200, body: { state } });
    expect(await gateway.request(`/api/events/replays/done/${action}`, { method: 'POST' })).toMatchObject({
      status: 409,
      body: { code: 'replay-finished' },
    });
    expect(await gateway.post(`/events/replays/nothing/${action}`, {})).toMatchObject({
      status: 404,
      body: { code: 'replay-not-found' },
    });
    expect((await gateway.post(`/events/replays/${ID}/${action}`, { now: true })).status).toBe(400);
  });

  it.each([
    ['/events/replays?state=lost', 'state'],
    ['/events/replays?limit=1001', 'limit'],
    ['/events/replays?status=running', 'status'],
    ['/events/replays/a%2Fb', 'id'],
    [`/events/replays/${'x'.repeat(65)}`, 'id'],
  ])('answers 400 for %s', async (path, at) => {
    expect(await gateway.get(path)).toMatchObject({ status: 400, body: { errors: [{ path: at }] } });
    expect(calls).toEqual([]);
  });
});
