import { type InMemoryGateway, eventsOf, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { at, storeSampleEvents } from './sample-events.spec-support.ts';

interface Page {
  readonly totalEvents: number;
  readonly nextCursor: string | null;
  readonly events: readonly { readonly type: string; readonly version?: number; readonly data: unknown }[];
}

describe('lists of events', () => {
  let gateway: InMemoryGateway;

  beforeAll(async () => {
    gateway = await startInMemoryGateway();
    await storeSampleEvents(gateway.store);
  });

  afterAll(() => gateway.stop());

  const page = async (path: string): Promise<Page> => {
    const answer = await gateway.get(path);
    expect({ path, status: answer.status, text: answer.status === 200 ? '' : answer.text }).toEqual({
      path,
      status: 200,
      text: '',
    });
    return answer.body as Page;
  };
  const data = async (path: string): Promise<unknown[]> => (await page(path)).events.map((event) => event.data);

  /** All pages of a list, one after the other. */
  const pages = async (path: string): Promise<Page[]> => {
    const found: Page[] = [];
    for (let cursor: string | null = ''; cursor !== null; cursor = found.at(-1)!.nextCursor) {
      found.push(await page(`${path}${cursor ? `&cursor=${cursor}` : ''}`));
    }
    return found;
  };

  describe('GET /events/history', () => {
    it('answers with an aggregate, in the documented shape', async () => {
      const answer = await gateway.get('/events/history?aggregateId=u1&aggregateType=user');
      expect(answer.body).toEqual({
        aggregateId: 'u1',
        aggregateType: 'user',
        totalEvents: 5,
        events: expect.arrayContaining([
          expect.objectContaining({
            id: expect.any(String),
            type: 'user.created',
            timestamp: at(0),
            version: 1,
            data: 1,
          }),
        ]),
        nextCursor: null,
      });
      expect(eventsOf(answer).map((event) => event.version)).toEqual([1, 2, 3, 4, 5]);
      expect(answer.headers.get('etag')).toBeNull();
    });

    it('is served under /api/events too', async () => {
      expect(await data('/api/events/history?aggregateId=u1')).toEqual([1, 2, 3, 4, 5]);
    });

    it('finds the type of an id that one type has', async () => {
      expect(await page('/events/history?aggregateId=u1')).toMatchObject({ aggregateType: 'user', totalEvents: 5 });
    });

    it('answers with all types of an id that several have', async () => {
      const answer = await page('/events/history?aggregateId=both');
      expect(answer).toMatchObject({ totalEvents: 2, aggregateId: 'both' });
      expect(answer).not.toHaveProperty('aggregateType');
      expect(answer.events.map((event) => event.data)).toEqual(['as user', 'as vendor']);
    });

    it('answers with a type, and with everything of the tenant', async () => {
      expect(await data('/events/history?aggregateType=vendor')).toEqual(['v1', 'as vendor']);
      expect(await page('/events/history')).toMatchObject({ totalEvents: 260 });
      expect(await data('/events/history?tenantId=acme')).toEqual(['acme']);
    });

    it.each(['aggregateId=unknown', 'aggregateId=u1&aggregateType=vendor', 'aggregateType=nothing', 'tenantId=nobody'])(
      'is empty for %s',
      async (query) => {
        expect(await page(`/events/history?${query}`)).toMatchObject({ totalEvents: 0, events: [], nextCursor: null });
      },
    );

    it('takes names with any characters', async () => {
      const [type, id] = ['naïve type', 'a/b.c*>:é 1'];
      await gateway.store.append({ type, id, tenantId: 'names' }, { type: 'named', data: 'found' });
      const query = new URLSearchParams({ aggregateId: id, aggregateType: type, tenantId: 'names' });
      expect(await data(`/events/history?${query}`)).toEqual(['found']);
      expect(await data(`/events/history?${new URLSearchParams({ aggregateId: id, tenantId: 'names' })}`)).toEqual([
        'found',
      ]);
    });
  });

  describe.each(['history', 'replay'])('GET /events/%s', (route) => {
    it.each([
      ['eventTypes=user.created', [1, 'u2', 'as user']],
      ['eventTypes=user.created,vendor.created', [1, 'u2', 'v1', 'as user', 'as vendor']],
      ['eventTypes=user.created&eventTypes=vendor.created', [1, 'u2', 'v1', 'as user', 'as vendor']],
      ['eventType=user.deleted', [5]],
      ['eventType=user.deleted&eventTypes=user.location.updated', [4, 5]],
      ['eventTypes=user.*', [1, 2, 3, 5, 'u2', 'as user']],
      ['eventTypes=user.%3E', [1, 2, 3, 4, 5, 'u2', 'as user']],
      [`aggregateType=user&fromTimestamp=${at(3)}&toTimestamp=${at(10)}`, [4, 5, 'u2']],
      [`aggregateType=user&toTimestamp=2024-01-01T02:00:01%2B02:00`, [1, 2]],
      ['aggregateType=user&fromVersion=3', [3, 4, 5]],
      ['aggregateType=user&fromVersion=2&toVersion=2', [2]],
      ['aggregateId=u1&fromVersion=2&toVersion=4', [2, 3, 4]],
      ['aggregateId=u1&eventTypes=user.updated', [2, 3]],
      [`aggregateId=u1&fromTimestamp=${at(1)}&toTimestamp=${at(3)}&eventTypes=user.updated,user.deleted`, [2, 3]],
      ['aggregateId=u1&order=desc', [5, 4, 3, 2, 1]],
      ['aggregateId=u1&order=asc', [1, 2, 3, 4, 5]],
      ['aggregateType=vendor&order=desc', ['as vendor', 'v1']],
      ['eventTypes=system.noticed', ['no aggregate']],
      ['aggregateType=user&recordedFrom=2000-01-01T00:00:00Z&recordedTo=2001-01-01T00:00:00Z', []],
    ])('selects by %s', async (query, expected) => {
      expect(await data(`/events/${route}?${query}`)).toEqual(expected);
      expect(await page(`/events/${route}?${query}`)).toMatchObject({ totalEvents: expected.length });
    });

    it.each([
      ['aggregateId=c1', 250],
      ['aggregateId=c1&aggregateType=clock&order=desc', 250],
      ['aggregateId=c1&fromVersion=20&toVersion=119', 100],
      ['aggregateId=c1&eventTypes=tock', 50],
      [`aggregateId=c1&fromTimestamp=${at(100)}&order=desc`, 150],
      ['aggregateType=clock', 250],
      ['aggregateType=clock&order=desc', 250],
      ['eventTypes=tick,tock', 250],
      ['eventType=tock&order=desc', 50],
    ])(
      'pages through %s without losing or doubling an event, and counts all of them on every page',
      async (query, total) => {
        const whole = await data(`/events/${route}?${query}&limit=1000`);
        expect(whole).toHaveLength(total);
        const found = await pages(`/events/${route}?${query}&limit=30`);
        expect(found.flatMap(({ events }) => events.map((event) => event.data))).toEqual(whole);
        expect(found.map(({ events }) => events.length)).toEqual(
          Array.from({ length: Math.ceil(total / 30) }, (_, i) => Math.min(30, total - i * 30)),
        );
        expect(new Set(found.map(({ totalEvents }) => totalEvents))).toEqual(new Set([total]));
      },
    );

    it('has a hundred events on a page unless it is told otherwise, and no cursor after the last', async () => {
      const first = await page(`/events/${route}?aggregateId=c1`);
      expect(first.events).toHaveLength(100);
      const exact = await page(`/events/${route}?aggregateId=c1&limit=250`);
      expect(exact).toMatchObject({ nextCursor: null, totalEvents: 250 });
    });

    it('takes another limit with a cursor', async () => {
      const { nextCursor } = await page(`/events/${route}?aggregateId=c1&limit=10`);
      const rest = await data(`/events/${route}?aggregateId=c1&limit=3&cursor=${nextCursor}`);
      expect(rest).toEqual([11, 12, 13]);
    });

    it('refuses a cursor of other criteria, of another order, and what is none', async () => {
      const { nextCursor } = await page(`/events/${route}?aggregateId=c1&limit=10`);
      const forged = Buffer.from(JSON.stringify([1, 'x'.repeat(12), 'clock', 3])).toString('base64url');
      for (const query of [
        `aggregateId=u1&cursor=${nextCursor}`,
        `aggregateId=c1&order=desc&cursor=${nextCursor}`,
        `aggregateId=c1&toVersion=20&cursor=${nextCursor}`,
        `aggregateId=c1&tenantId=acme&cursor=${nextCursor}`,
        'aggregateId=c1&cursor=nonsense',
        'aggregateId=c1&cursor=',
        `aggregateId=c1&cursor=${forged}`,
        `aggregateId=c1&cursor=${'x'.repeat(5_000)}`,
      ]) {
        const answer = await gateway.get(`/events/${route}?${query}`);
        expect(answer).toMatchObject({
          status: 400,
          body: { code: 'validation-failed', errors: [{ path: 'cursor' }] },
        });
      }
    });

    it.each([
      ['limit', ['0', '1001', '1000000000', '-1', '1.5', 'ten', '', '1e2', '0x10', '%20']],
      ['fromVersion', ['0', '-1', '1.5', '9007199254740992', '1e3', 'one', '', '99999999999999999999999']],
      ['toVersion', ['0', '-1', '1.5', '9007199254740992', 'one', '']],
      [
        'fromTimestamp',
        [
          'yesterday',
          '2024-01-01',
          '2024-02-30T00:00:00Z',
          '2024-01-01T00:00:00',
          '1704067200',
          '',
          '2024-01-01T00:00:00+02:00',
        ],
      ],
      ['toTimestamp', ['never', '2024-13-01T00:00:00Z', '']],
      ['recordedFrom', ['x']],
      ['recordedTo', ['x']],
      ['order', ['up', '', 'ASC']],
      ['eventTypes', ['', 'a,', 'a b', 'a..b', 'a.>.b', Array.from({ length: 101 }, (_, i) => `t${i}`).join(',')]],
      ['eventType', ['', 'a,b', 'a b']],
      ['aggregateId', ['', 'x'.repeat(201), '%ED%A0%80'.repeat(70)]],
      ['aggregateType', ['', 'x'.repeat(201)]],
      ['tenantId', ['', 'x'.repeat(201)]],
      ['nonsense', ['1']],
      ['__proto__', ['1']],
      ['constructor', ['1']],
      ['toString', ['1']],
      ['offset', ['10']],
    ])('answers 400 for a bad %s', async (name, values) => {
      for (const value of values) {
        const answer = await gateway.get(`/events/${route}?${name}=${value}`);
        expect({ value, status: answer.status }).toEqual({ value, status: 400 });
        expect(answer.body).toMatchObject({ code: 'validation-failed' });
        const { errors } = answer.body as { errors: { path: string }[] };
        expect(errors.map((error) => error.path.split('.')[0])).toEqual([name]);
      }
    });

    it.each([
      'limit=1&limit=2',
      'aggregateId=a&aggregateId=b',
      'order=asc&order=desc',
      'fromVersion=1&fromVersion=2',
      'eventType=a&eventType=b',
    ])('answers 400 for %s, which may be given once', async (query) => {
      const answer = await gateway.get(`/events/${route}?${query}`);
      expect(answer).toMatchObject({
        status: 400,
        body: { errors: [{ path: query.split('=')[0], message: 'must be given once' }] },
      });
    });

    it.each([
      ['fromVersion=3&toVersion=2', 'fromVersion'],
      [`fromTimestamp=${at(2)}&toTimestamp=${at(1)}`, 'fromTimestamp'],
      [`recordedFrom=${at(2)}&recordedTo=${at(1)}`, 'recordedFrom'],
    ])('answers 400 for %s, which ends before it begins', async (query, path) => {
      expect(await gateway.get(`/events/${route}?${query}`)).toMatchObject({
        status: 400,
        body: { errors: [{ path }] },
      });
    });

    it('tells all that is wrong at once', async () => {
      const answer = await gateway.get(`/events/${route}?limit=0&order=up&nonsense=1`);
      const { errors } = answer.body as { errors: { path: string }[] };
      expect(errors.map(({ path }) => path).sort()).toEqual(['limit', 'nonsense', 'order']);
    });
  });
});
