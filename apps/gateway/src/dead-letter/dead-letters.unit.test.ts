import { type DeadLetter, type DeadLetterSelection, DeadLetterNotFound, StoreUnavailable } from '@annals/core';
import { isBrokenOffLine } from '@annals/contract';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { type PortCall, scriptedPorts } from '../operations/scripted-ports.spec-support.ts';

const letter = (sequence: number): DeadLetter => ({
  id: `billing/EVENTS/${sequence}`,
  subscription: 'billing',
  kind: 'attempts-exhausted',
  reason: 'its last attempt failed: no such account',
  error: { name: 'Error', message: 'no such account', code: 'E42' },
  attempts: 5,
  redrives: 0,
  deadLetteredAt: '2024-01-01T00:00:00.000Z',
  redriving: false,
  position: { stream: 'EVENTS', sequence },
  event: {
    messageId: `m${sequence}`,
    type: 'order.placed',
    data: { total: 1 },
    timestamp: '2024-01-01T00:00:00Z',
    tenantId: 'default',
    schemaVersion: 1,
    position: { stream: 'EVENTS', sequence },
    recordedAt: '2024-01-01T00:00:00Z',
  },
});
const PATH = '/events/dead-letters';

describe('/events/dead-letters', () => {
  let gateway: InMemoryGateway;
  let calls: PortCall[];
  let letters: DeadLetter[];

  beforeAll(async () => {
    const find = (id: string): DeadLetter => {
      const found = letters.find((each) => each.id === id);
      if (found === undefined) throw new DeadLetterNotFound(id);
      return found;
    };
    const ports = scriptedPorts({
      deadLetters: {
        list: (_: unknown, { limit = 100, cursor = '0' }: { limit?: number; cursor?: string }) => {
          const page = letters.slice(Number(cursor), Number(cursor) + limit);
          const end = Number(cursor) + page.length;
          return { letters: page, ...(end < letters.length && { nextCursor: String(end) }) };
        },
        get: find,
        redrive: ({ ids = [] }: DeadLetterSelection) => {
          for (const id of ids) find(id);
          return { matched: letters.length, redriven: 1, orphaned: 0 };
        },
        purge: ({ ids }: DeadLetterSelection) =>
          ids === undefined ? letters.length : letters.filter(({ id }) => ids.includes(id)).length,
      },
    });
    calls = ports.calls;
    gateway = await startInMemoryGateway({ store: ports.store });
  });

  beforeEach(() => {
    calls.length = 0;
    letters = [letter(1), letter(2), letter(3)];
  });

  afterAll(() => gateway.stop());

  it('lists letters with their events as other routes show them', async () => {
    const answer = await gateway.get(PATH);
    const { event, ...rest } = letter(1);
    const { messageId: id, ...body } = event!;
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ deadLetters: [{ ...rest, event: { id, ...body } }, {}, {}], nextCursor: null });
    expect(answer.text).not.toContain('messageId');
  });

  it('shows a letter without event where the stored message is none', async () => {
    const { event: _, ...rest } = letter(1);
    letters = [{ ...rest, kind: 'unreadable' }];
    expect((await gateway.get(PATH)).body).toEqual({
      deadLetters: [{ ...rest, kind: 'unreadable' }],
      nextCursor: null,
    });
  });

  it('hands criteria to the store, lists by commas, and asks for all tenants unless one is named', async () => {
    await gateway.get(PATH);
    expect(calls[0]!.args[0]).toEqual({});
    await gateway.get(
      `${PATH}?subscription=billing&tenantId=acme&aggregateType=order&aggregateId=o1&eventTypes=a,b.*&eventType=c` +
        '&kinds=rejected,parked&deadLetteredFrom=2024-01-01T01:00:00%2B01:00&limit=2&cursor=1',
    );
    expect(calls[1]!.args).toEqual([
      {
        subscription: 'billing',
        tenantId: 'acme',
        aggregateType: 'order',
        aggregateId: 'o1',
        eventTypes: ['a', 'b.*', 'c'],
        kinds: ['rejected', 'parked'],
        deadLetteredFrom: '2024-01-01T00:00:00Z',
      },
      { limit: 2, cursor: '1' },
    ]);
  });

  it('gives the cursor of the next page', async () => {
    const first = await gateway.get(`${PATH}?limit=2`);
    expect(first.body).toMatchObject({ deadLetters: [{ id: 'billing/EVENTS/1' }, {}], nextCursor: '2' });
    const second = await gateway.get(`${PATH}?limit=2&cursor=2`);
    expect(second.body).toMatchObject({ deadLetters: [{ id: 'billing/EVENTS/3' }], nextCursor: null });
  });

  it('writes all as NDJSON, page by page, or as many as limit says', async () => {
    letters = Array.from({ length: 250 }, (_, i) => letter(i + 1));
    const lines = async (query: string): Promise<DeadLetter[]> => {
      const { text, headers } = await gateway.get(`${PATH}${query}`, { accept: 'application/x-ndjson' });
      expect(headers.get('content-type')).toMatch(/^application\/x-ndjson/);
      return text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as DeadLetter);
    };
    const all = await lines('');
    expect(all.map(({ position }) => position.sequence)).toEqual(letters.map(({ position }) => position.sequence));
    expect(all[0]).toMatchObject({ id: 'billing/EVENTS/1', event: { id: 'm1' } });
    expect(calls.map(({ args }) => (args[1] as { limit: number }).limit)).toEqual([100, 100, 100]);
    expect(await lines('?limit=120')).toHaveLength(120);
    expect(await lines('?limit=120&cursor=200')).toHaveLength(50);
  });

  it('takes a letter for no reason of a broken stream', () => {
    expect(isBrokenOffLine(letter(1))).toBe(false);
  });

  it.each([`${PATH}/billing/EVENTS/2`, `${PATH}/billing%2FEVENTS%2F2`, `/api${PATH}/billing/EVENTS/2`])(
    'shows, redrives and removes one by %s',
    async (path) => {
      expect(await gateway.get(path)).toMatchObject({ status: 200, body: { id: 'billing/EVENTS/2' } });
      const redriven = await gateway.post(`${path}/redrive`, {});
      expect(redriven).toMatchObject({ status: 200, body: { matched: 3, redriven: 1, orphaned: 0 } });
      expect(await gateway.request(path, { method: 'DELETE' })).toMatchObject({ status: 204, text: '' });
      expect(calls.map(({ method }) => method)).toEqual(['get', 'redrive', 'purge']);
      for (const { args } of calls.slice(1)) expect(args[0]).toEqual({ ids: ['billing/EVENTS/2'] });
    },
  );

  it.each(['redrive', 'purge'])('finds a letter of a subscription called %s', async (name) => {
    letters = [{ ...letter(1), id: `${name}/EVENTS/1`, subscription: name }];
    expect((await gateway.get(`${PATH}/${name}/EVENTS/1`)).status).toBe(200);
    expect((await gateway.post(`${PATH}/${name}/EVENTS/1/redrive`, {})).status).toBe(200);
    expect((await gateway.request(`${PATH}/${name}/EVENTS/1`, { method: 'DELETE' })).status).toBe(204);
  });

  it('answers 404 for a letter that is none', async () => {
    for (const method of ['GET', 'DELETE']) {
      const answer = await gateway.request(`${PATH}/billing/EVENTS/9`, { method });
      expect(answer).toMatchObject({ status: 404, body: { code: 'dead-letter-not-found' } });
    }
    expect((await gateway.post(`${PATH}/billing/EVENTS/9/redrive`, {})).status).toBe(404);
  });

  it.each([
    'billing',
    'billing%2FEVENTS',
    'billing/EVENTS/0',
    'billing/EVENTS/x',
    'a%2Fb%2Fc%2Fd',
    `${'x'.repeat(600)}/E/1`,
  ])('answers 400 for the id %.60s', async (id) => {
    expect(await gateway.get(`${PATH}/${id}`)).toMatchObject({ status: 400, body: { errors: [{ path: 'id' }] } });
    expect(calls).toEqual([]);
  });

  it('redrives and purges by ids and by criteria', async () => {
    await gateway.post(`${PATH}/redrive`, { ids: ['billing/EVENTS/1'], ratePerSecond: 10 });
    expect(calls[0]!.args[0]).toEqual({ ids: ['billing/EVENTS/1'] });
    expect(calls[0]!.args[1]).toMatchObject({ ratePerSecond: 10 });
    await gateway.post(`${PATH}/redrive?tenantId=acme`, { subscription: 'billing', kind: 'parked' });
    expect(calls[1]!.args[0]).toEqual({ subscription: 'billing', tenantId: 'acme', kinds: ['parked'] });
    const purged = await gateway.post(`${PATH}/purge`, { eventTypes: ['order.*'] });
    expect(purged).toMatchObject({ status: 200, body: { purged: 3 } });
    expect(calls[2]).toMatchObject({ method: 'purge', args: [{ eventTypes: ['order.*'] }] });
  });

  it.each(['redrive', 'purge'])('wants to be told in so many words to %s all', async (action) => {
    for (const body of [undefined, {}, { tenantId: 'acme' }, { all: false }]) {
      const answer = await gateway.request(`${PATH}/${action}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining('"all": true') } });
    }
    expect((await gateway.post(`${PATH}/${action}`, { all: true, subscription: 'billing' })).status).toBe(400);
    expect(calls).toEqual([]);
    expect((await gateway.post(`${PATH}/${action}`, { all: true })).status).toBe(200);
    expect((await gateway.post(`${PATH}/${action}`, { all: true, tenantId: 'acme' })).status).toBe(200);
    expect(calls.map(({ args }) => args[0])).toEqual([{}, { tenantId: 'acme' }]);
  });

  it.each([
    [{ ids: [] }, 'ids'],
    [{ ids: 'billing/EVENTS/1' }, 'ids'],
    [{ ids: ['billing'] }, 'ids.0'],
    [{ ids: Array.from({ length: 1_001 }, () => 'billing/EVENTS/1') }, 'ids'],
    [{ ids: null }, 'ids'],
    [{ kinds: ['other'] }, 'kinds'],
    [{ kind: 'other' }, 'kind'],
    [{ eventTypes: 'a,b' }, 'eventTypes'],
    [{ subscription: 'a b' }, 'subscription'],
    [{ deadLetteredFrom: '2024-01-02T00:00:00Z', deadLetteredTo: '2024-01-01T00:00:00Z' }, 'deadLetteredFrom'],
    [{ all: 'yes' }, 'all'],
    [{ all: true, ratePerSecond: 0 }, 'ratePerSecond'],
    [{ all: true, ratePerSecond: '5' }, 'ratePerSecond'],
    [{ all: true, limit: 5 }, 'limit'],
  ])('answers 400 for a redrive of %.80j', async (body, path) => {
    const answer = await gateway.post(`${PATH}/redrive`, body);
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path }] } });
    expect(calls).toEqual([]);
  });

  it('answers 400 for a rate of a purge, other parameters, and a body where none belongs', async () => {
    expect((await gateway.post(`${PATH}/purge`, { all: true, ratePerSecond: 5 })).status).toBe(400);
    expect((await gateway.post(`${PATH}/purge?subscription=a`, { all: true })).status).toBe(400);
    expect((await gateway.post(`${PATH}/billing/EVENTS/1/redrive`, { all: true })).status).toBe(400);
    expect((await gateway.get(`${PATH}?ids=billing/EVENTS/1`)).status).toBe(400);
    expect((await gateway.get(`${PATH}?limit=1001`)).status).toBe(400);
  });
});

describe('/events/dead-letters of a store that is away', () => {
  it('answers 503 with Retry-After, also for NDJSON', async () => {
    const gone = (): never => {
      throw new StoreUnavailable('gone');
    };
    const signals: AbortSignal[] = [];
    const { store } = scriptedPorts({
      deadLetters: {
        list: gone,
        get: gone,
        redrive: (_: unknown, { signal }: { signal: AbortSignal }) => {
          signals.push(signal);
          return new Promise(() => {});
        },
      },
    });
    const gateway = await startInMemoryGateway({ store, env: { REQUEST_TIMEOUT_MS: '150' } });
    try {
      for (const answer of [
        await gateway.get(PATH),
        await gateway.get(PATH, { accept: 'application/x-ndjson' }),
        await gateway.get(`${PATH}/billing/EVENTS/1`),
        await gateway.post(`${PATH}/redrive`, { all: true }),
      ]) {
        expect(answer.status).toBe(503);
        expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
      }
      expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    } finally {
      await gateway.stop();
    }
  });
});
