import { fileURLToPath } from 'node:url';
import { type DiffResponse, MAX_DIFF_EVENTS } from '@annals/contract';
import { createInMemoryStore } from '@annals/testing';
import jsonPatch from 'fast-json-patch';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

const STATE_MODULE = fileURLToPath(new URL('./accounts.spec-support.ts', import.meta.url));

describe('GET /events/aggregate/diff', () => {
  let gateway: InMemoryGateway;
  const get = (query: string) => gateway.get(`/events/aggregate/diff?${query}`);
  const diff = async (query: string) => (await get(query)).body as DiffResponse;

  beforeAll(async () => {
    const store = createInMemoryStore();
    gateway = await startInMemoryGateway({ store, env: { STATE_MODULE } });
    await store.append({ type: 'user', id: 'u1' }, [
      {
        type: 'user.created',
        data: { name: 'Ada', city: 'London' },
        messageId: 'm1',
        timestamp: '2024-01-01T00:00:00Z',
      },
      {
        type: 'user.moved',
        data: { city: 'Bern' },
        messageId: 'm2',
        userId: 'clerk',
        timestamp: '2024-01-02T00:00:00Z',
      },
      { type: 'user.seen', data: {}, messageId: 'm3', timestamp: '2024-01-03T00:00:00Z' },
      {
        type: 'user.updated',
        data: { city: null, tags: ['a/b'] },
        messageId: 'm4',
        timestamp: '2024-01-04T00:00:00Z',
      },
    ]);
    await store.append({ type: 'account', id: 'a1' }, [
      { type: 'account.opened', data: { name: 'Ada' }, userId: 'teller' },
      { type: 'account.paid', data: { francs: 3, fee: 1 } },
      { type: 'account.paid', data: { francs: 0 } },
    ]);
    // Told late: what happened first was stored last.
    await store.append({ type: 'user', id: 'late' }, [
      { type: 'set', data: { a: 1 }, timestamp: '2024-01-01T00:00:00Z' },
      { type: 'set', data: { b: 1 }, timestamp: '2024-01-09T00:00:00Z' },
      { type: 'set', data: { c: 1 }, timestamp: '2024-01-02T00:00:00Z' },
    ]);
    const many = Array.from({ length: MAX_DIFF_EVENTS }, (_, i) => ({ type: 'counted', data: { n: i } }));
    await store.append({ type: 'clock', id: 'clock' }, many);
    await store.append({ type: 'clock', id: 'clock' }, { type: 'counted', data: { n: -1 } });
    const big = { type: 'filled', data: { text: 'x'.repeat(300_000) } };
    const small = { type: 'filled', data: { text: '' } };
    await store.append({ type: 'big', id: 'big' }, Array.from({ length: 60 }, () => [big, small]).flat());
  });

  afterAll(() => gateway.stop());

  it('tells what changed, and which event changed it, when and by whom', async () => {
    expect(await diff('aggregateId=u1&from=1&to=4')).toEqual({
      aggregateId: 'u1',
      aggregateType: 'user',
      reducer: 'merge-patch',
      from: { version: 1 },
      to: { version: 4 },
      patch: [
        { op: 'remove', path: '/city' },
        { op: 'add', path: '/tags', value: ['a/b'] },
      ],
      changes: [
        {
          version: 2,
          type: 'user.moved',
          timestamp: '2024-01-02T00:00:00Z',
          userId: 'clerk',
          messageId: 'm2',
          patch: [{ op: 'replace', path: '/city', value: 'Bern' }],
        },
        { version: 3, type: 'user.seen', timestamp: '2024-01-03T00:00:00Z', messageId: 'm3', patch: [] },
        {
          version: 4,
          type: 'user.updated',
          timestamp: '2024-01-04T00:00:00Z',
          messageId: 'm4',
          patch: [
            { op: 'remove', path: '/city' },
            { op: 'add', path: '/tags', value: ['a/b'] },
          ],
        },
      ],
    });
  });

  it('takes times, versions and both, and ends at the newest state unless told', async () => {
    const between = async (query: string) => {
      const { from, to, changes } = await diff(`aggregateId=u1&${query}`);
      return [from.version, to.version, changes.map(({ version }) => version)];
    };
    expect(await between('from=2')).toEqual([2, 4, [3, 4]]);
    expect(await between('from=0&to=1')).toEqual([0, 1, [1]]);
    expect(await between('from=2024-01-01T12:00:00Z&to=2024-01-03T00:00:00Z')).toEqual([1, 3, [2, 3]]);
    expect(await between('from=2024-01-03T00:00:00Z&to=4')).toEqual([3, 4, [4]]);
    expect(await between('from=2023-01-01T00:00:00Z&to=2023-06-01T00:00:00Z')).toEqual([0, 0, []]);
    expect(await between('from=3&to=99')).toEqual([3, 4, [4]]);
    expect(await between('from=98&to=99')).toEqual([4, 4, []]);
    expect(await between('from=2&to=2')).toEqual([2, 2, []]);
  });

  it('leads from the one state to the other, at once and event by event', async () => {
    const states = new Map<number, unknown>();
    for (const version of [0, 1, 2, 3, 4]) {
      const { body } = await gateway.get(`/events/aggregate/state?aggregateId=u1&atVersion=${version}`);
      states.set(version, (body as { state: unknown }).state);
    }
    for (const [from, to] of [
      [0, 4],
      [1, 3],
      [2, 4],
    ] as const) {
      const { patch, changes } = await diff(`aggregateId=u1&from=${from}&to=${to}`);
      const apply = (state: unknown, steps: DiffResponse['patch']) =>
        jsonPatch.applyPatch(state, structuredClone(steps) as never, true, false).newDocument;
      expect(apply(states.get(from), patch)).toEqual(states.get(to));
      expect(changes.reduce((state, change) => apply(state, change.patch), states.get(from))).toEqual(states.get(to));
    }
  });

  it('folds by the module, and shows all that became of a stored event', async () => {
    const { reducer, to, patch, changes } = await diff('aggregateId=a1&from=0');
    expect({ reducer, to }).toEqual({ reducer: 'module', to: { version: 3 } });
    expect(patch).toEqual([
      { op: 'replace', path: '/balance', value: 200 },
      { op: 'replace', path: '/owner', value: 'Ada' },
    ]);
    expect(changes.map(({ version, userId, patch: steps }) => [version, userId, steps])).toEqual([
      [1, 'teller', [{ op: 'replace', path: '/owner', value: 'Ada' }]],
      [2, undefined, [{ op: 'replace', path: '/balance', value: 300 }]],
      [2, undefined, [{ op: 'replace', path: '/balance', value: 200 }]],
    ]);
    expect(await diff('aggregateId=a1&from=2&to=3')).toMatchObject({
      from: { version: 2 },
      to: { version: 3 },
      changes: [],
    });
  });

  it('goes by the times of events, in whichever order they were stored', async () => {
    const late = await diff('aggregateId=late&from=2024-01-03T00:00:00Z');
    expect(late.patch).toEqual([{ op: 'add', path: '/b', value: 1 }]);
    expect(late.changes).toMatchObject([{ version: 2, patch: late.patch }]);
    expect(await get('aggregateId=late&from=2&to=2024-01-05T00:00:00Z')).toMatchObject({
      status: 400,
      body: { errors: [{ path: 'to' }] },
    });
  });

  it('answers 422 beyond so many events, or so much text', async () => {
    expect(await diff(`aggregateId=clock&from=0&to=${MAX_DIFF_EVENTS}`)).toMatchObject({ to: { version: 1_000 } });
    const refused = { status: 422, body: { code: 'result-too-large', limit: MAX_DIFF_EVENTS } };
    expect(await get('aggregateId=clock&from=0')).toMatchObject(refused);
    expect(await get('aggregateId=big&from=0')).toMatchObject(refused);
    expect(await get('aggregateId=big&from=60&to=100')).toMatchObject({ status: 200 });
  });

  it('answers 404 for an unknown aggregate', async () => {
    expect(await get('aggregateId=nobody&from=1')).toMatchObject({
      status: 404,
      body: { code: 'aggregate-not-found' },
    });
  });

  it.each([
    ['from=1', 'aggregateId'],
    ['aggregateId=u1', 'from'],
    ['aggregateId=u1&from=', 'from'],
    ['aggregateId=u1&from=then', 'from'],
    ['aggregateId=u1&from=-1', 'from'],
    ['aggregateId=u1&from=99999999999999999999', 'from'],
    ['aggregateId=u1&from=1&from=2', 'from'],
    ['aggregateId=u1&from=1&to=v2', 'to'],
    ['aggregateId=u1&from=3&to=2', 'to'],
    ['aggregateId=u1&from=99&to=50', 'to'],
    ['aggregateId=u1&from=2024-01-02T00:00:00Z&to=2024-01-01T00:00:00Z', 'to'],
    ['aggregateId=u1&from=1&limit=1', 'limit'],
  ])('answers 400 for %s', async (query, path) => {
    expect(await get(query)).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
  });
});
