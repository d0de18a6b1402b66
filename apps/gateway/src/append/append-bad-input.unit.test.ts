import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

const GOOD = { type: 'user.created', data: {}, aggregateType: 'user', aggregateId: 'bad-input' };

describe('POST /events with bad input', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway({ env: { BODY_LIMIT_BYTES: String(2 * 1024 * 1024) } });
  });

  afterAll(() => gateway.stop());

  afterEach(async () => {
    expect((await gateway.store.stats()).totalEvents).toBe(0);
  });

  const problems = async (body: unknown): Promise<Record<string, string>> => {
    const answer = await gateway.post('/events', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ code: 'validation-failed', status: 400, instance: '/events' });
    const { errors } = answer.body as { errors: { path: string; message: string }[] };
    return Object.fromEntries(errors.map(({ path, message }) => [path, message]));
  };

  it.each(['{"type":', 'type=user.created', '{"a":1}}', "{'type':'a'}", '[1,]', 'NaN'])(
    'answers 400 malformed-json for %s',
    async (body) => {
      expect(await gateway.post('/events', body)).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
    },
  );

  it('answers 400 malformed-json for no body and for bytes that are not UTF-8', async () => {
    const headers = { 'content-type': 'application/json' };
    const empty = await gateway.request('/events', { method: 'POST', headers, body: '' });
    expect(empty).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
    const none = await gateway.request('/events', { method: 'POST' });
    expect(none).toMatchObject({ status: 400, body: { code: 'malformed-json' } });
    const latin1 = Buffer.from(JSON.stringify({ ...GOOD, data: 'Zoë' }), 'latin1');
    const answer = await gateway.request('/events', { method: 'POST', headers, body: latin1 });
    expect(answer).toMatchObject({ status: 400, body: { code: 'malformed-json', detail: 'The body is not UTF-8.' } });
  });

  it.each([
    'text/plain',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'nonsense',
  ])('answers 415 for %s', async (type) => {
    const answer = await gateway.post('/events', GOOD, { 'content-type': type });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
  });

  it('answers 415 for a compressed body', async () => {
    const answer = await gateway.post('/events', GOOD, { 'content-encoding': 'gzip' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
  });

  it.each([[[]], ['"text"'], ['7'], ['null'], ['true'], [{ events: [] }], [{ events: {} }], [{ events: null }], [{}]])(
    'answers 400 for the body %j',
    async (body) => {
      const errors = await problems(body);
      expect(Object.keys(errors).length).toBeGreaterThan(0);
    },
  );

  it('answers 400 for an event that is no object, by its place', async () => {
    expect(await problems({ events: [GOOD, 1, null, [GOOD]] })).toMatchObject({
      'events.1': expect.stringContaining('must be an event'),
      'events.2': expect.any(String),
      'events.3': expect.any(String),
    });
  });

  it('answers 400 for unknown fields, by name', async () => {
    expect(await problems({ ...GOOD, nonsense: 1 })).toEqual({ nonsense: 'is not a field of an event' });
    expect(await problems({ ...GOOD, id: 'x' })).toEqual({ id: expect.stringContaining('messageId') });
    expect(await problems({ events: [GOOD], extra: 1 })).toEqual({ extra: 'is not a field beside events' });
    expect(await problems(`{"type":"a","data":1,"__proto__":{"x":1}}`)).toEqual({
      ['__proto__']: 'is not a field of an event',
    });
  });

  it.each([
    [
      'type',
      [
        undefined,
        1,
        '',
        'a..b',
        '.a',
        'a b',
        'ü',
        'a.'.repeat(8) + 'a',
        'a'.repeat(201),
        'annals.event.redacted',
        null,
      ],
    ],
    ['timestamp', ['yesterday', '2024-01-01', '2024-02-30T00:00:00Z', '2024-01-01T00:00:00', 1704067200, '', null]],
    ['schemaVersion', [0, -1, 1.5, 'v0', '2', 'v1.5', null, 2 ** 53]],
    ['messageId', ['', 'x'.repeat(129), 7, null]],
    ['correlationId', ['', 'x'.repeat(257), 7, null]],
    ['causationId', ['', 'x'.repeat(257), {}]],
    ['userId', ['', 'x'.repeat(257), []]],
    ['tags', ['tag', Array.from({ length: 101 }, (_, i) => `t${i}`), null]],
    ['metadata', ['text', [], 1, null]],
    ['source', ['text', [], null]],
    ['tenantId', [7, null, '', 'x'.repeat(201)]],
    ['aggregateType', ['', 7, null, 'x'.repeat(201), 'ü'.repeat(34)]],
    ['aggregateId', ['', 7, null, 'x'.repeat(201), '\ud800']],
    ['expectedVersion', [-1, 1.5, 2 ** 53, '1', 'newest', null, true, {}]],
    ['version', [0, -1, 1.5, 2 ** 53, '1', null]],
  ])('answers 400 for a bad %s, by its place', async (field, values) => {
    for (const value of values) {
      expect(await problems({ ...GOOD, [field]: value })).toHaveProperty([field]);
      expect(
        await problems({
          events: [
            { type: 'fine', data: 1 },
            { ...GOOD, [field]: value },
          ],
        }),
      ).toHaveProperty([`events.1.${field}`]);
    }
  });

  it('answers 400 without data, and takes null for it', async () => {
    const { data: _, ...rest } = GOOD;
    expect(await problems(rest)).toHaveProperty('data');
  });

  it('answers 400 for an id without type and a type without id', async () => {
    expect(await problems({ type: 'a', data: 1, aggregateId: 'x' })).toHaveProperty('aggregateType');
    expect(await problems({ type: 'a', data: 1, aggregateType: 'x' })).toHaveProperty('aggregateId');
  });

  it('answers 400 for a version that is expected without an aggregate', async () => {
    expect(await problems({ type: 'a', data: 1, expectedVersion: 0 })).toHaveProperty('expectedVersion');
    expect(await problems({ type: 'a', data: 1, version: 1 })).toHaveProperty('version');
  });

  it.each([
    { version: 3, expectedVersion: 3 },
    { version: 2, expectedVersion: 'none' },
    { version: 2, expectedVersion: 'any' },
    { version: 2, expectedVersion: 'exists' },
  ])('answers 400 for %j, which disagree', async (fields) => {
    expect(await problems({ ...GOOD, ...fields })).toHaveProperty('version');
  });

  it('answers 400 for a later event whose version does not follow', async () => {
    const first = { ...GOOD, version: 1 };
    expect(await problems({ events: [first, { ...GOOD, version: 3 }] })).toEqual({
      'events.1.version': 'must be 2, after the event before it',
    });
    expect(await problems({ events: [GOOD, { ...GOOD, version: 2 }] })).toHaveProperty(['events.1.version']);
  });

  it('answers 400 where tenants disagree, and for other parameters', async () => {
    const answer = await gateway.post('/events?tenantId=a&nonsense=1', { ...GOOD, tenantId: 'b' });
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'nonsense' }] } });
    const other = await gateway.post('/events?tenantId=a', { ...GOOD, tenantId: 'b' });
    expect(other).toMatchObject({ status: 400, body: { errors: [{ path: 'tenantId' }] } });
    const twice = await gateway.post('/events?tenantId=a&tenantId=b', GOOD);
    expect(twice).toMatchObject({ status: 400, body: { errors: [{ path: 'tenantId' }] } });
  });

  it('tells all that is wrong at once, also what only the store knows', async () => {
    const errors = await problems({
      events: [{ type: 'no type', data: 1, aggregateId: 'x', expectedVersion: -1, odd: 1 }],
    });
    expect(Object.keys(errors).sort()).toEqual([
      'events.0.aggregateType',
      'events.0.expectedVersion',
      'events.0.odd',
      'events.0.type',
    ]);
  });

  it('lists at most a hundred problems', async () => {
    const answer = await gateway.post('/events', { events: Array.from({ length: 900 }, () => ({ type: '' })) });
    expect((answer.body as { errors: unknown[] }).errors).toHaveLength(100);
    expect((answer.body as { detail: string }).detail.length).toBeLessThan(1_000);
  });

  it('names the events of later aggregates by their place in the request', async () => {
    const events = [
      GOOD,
      { ...GOOD, aggregateId: 'other' },
      { ...GOOD, type: 'no type' },
      { ...GOOD, aggregateId: '' },
    ];
    expect(Object.keys(await problems({ events }))).toEqual(['events.2.type', 'events.3.aggregateId']);
  });

  it('answers 413 with the limit for more than 1,000 events', async () => {
    const events = Array.from({ length: 1_001 }, () => GOOD);
    const answer = await gateway.post('/events', { events });
    expect(answer).toMatchObject({ status: 413, body: { code: 'batch-too-large', limit: 1_000, actual: 1_001 } });
  });

  it('answers 413 with the limit for a body that is too large', async () => {
    const answer = await gateway.post('/events', { ...GOOD, data: 'x'.repeat(2 * 1024 * 1024) });
    expect(answer).toMatchObject({ status: 413, body: { code: 'body-too-large', limitBytes: 2 * 1024 * 1024 } });
  });

  it('answers 413 with the limit and the place for an event that is too large', async () => {
    const big = { ...GOOD, data: 'x'.repeat(1024 * 1024) };
    const answer = await gateway.post('/events', { events: [GOOD, { type: 'fine', data: 1 }, big] });
    expect(answer).toMatchObject({
      status: 413,
      body: { code: 'payload-too-large', limitBytes: 1024 * 1024, actualBytes: expect.any(Number) },
    });
    expect((answer.body as { detail: string }).detail).toContain('Event 2');
  });

  it('refuses data that is nested too deeply to be written, without failing itself', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    const answer = await gateway.post('/events', `{"type":"a","data":${deep}}`);
    expect(answer.status).toBe(400);
  });

  it('shows no stack and no path of its files in any problem', async () => {
    for (const body of ['{', { events: [] }, GOOD.type, { type: 1 }]) {
      expect((await gateway.post('/events', body)).text).not.toMatch(/\.ts|node_modules|at \w+ \(/);
    }
  });
});
