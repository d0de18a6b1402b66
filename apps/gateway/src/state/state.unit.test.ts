import { fileURLToPath } from 'node:url';
import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';
import { withRetention } from '../read/retained-store.spec-support.ts';
import { withMethods } from '../store/replaced-methods.spec-support.ts';

const STATE_MODULE = fileURLToPath(new URL('./accounts.spec-support.ts', import.meta.url));
const STATE = '/events/aggregate/state';

async function fill(store: EventStore): Promise<void> {
  const at = (day: number) => ({ timestamp: `2024-01-0${day}T00:00:00Z` });
  await store.append({ type: 'user', id: 'u1' }, [
    { type: 'user.created', data: { name: 'Ada', city: 'London' }, ...at(1) },
    { type: 'user.updated', data: { city: null, email: 'ada@example.org' }, ...at(2) },
    { type: 'user.deleted', data: {}, ...at(3) },
  ]);
  for (const type of ['user', 'vendor']) await store.append({ type, id: 'both' }, { type: 'made', data: { type } });
}

describe('GET /events/aggregate/state', () => {
  describe('without a module', () => {
    let gateway: InMemoryGateway;
    const get = async (query: string) => gateway.get(`${STATE}?${query}`);

    beforeAll(async () => {
      gateway = await startInMemoryGateway();
      await fill(gateway.store);
    });

    afterAll(() => gateway.stop());

    it('answers with the newest state, merged from data, and its version as ETag', async () => {
      const answer = await get('aggregateId=u1&aggregateType=user');
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.body).toEqual({
        aggregateId: 'u1',
        aggregateType: 'user',
        version: 3,
        timestamp: '2024-01-03T00:00:00Z',
        state: { name: 'Ada', email: 'ada@example.org', isDeleted: true, deletedAt: '2024-01-03T00:00:00Z' },
        reducer: 'merge-patch',
        snapshotVersion: null,
      });
      expect(answer.headers.get('etag')).toBe('"3"');
      expect(await gateway.get(`/api${STATE}?aggregateId=u1`)).toMatchObject({ status: 200, body: { version: 3 } });
    });

    it('answers with the state at a version and at a time', async () => {
      const first = { version: 1, timestamp: '2024-01-01T00:00:00Z', state: { name: 'Ada', city: 'London' } };
      expect((await get('aggregateId=u1&atVersion=1')).body).toMatchObject(first);
      expect((await get('aggregateId=u1&asOf=2024-01-01T12:00:00%2B01:00')).body).toMatchObject(first);
      expect((await get('aggregateId=u1&asOf=2024-01-02T00:00:00Z')).body).toMatchObject({ version: 2 });
    });

    it('answers with the initial state before the first event', async () => {
      for (const moment of ['atVersion=0', 'asOf=2023-12-31T00:00:00Z']) {
        const answer = await get(`aggregateId=u1&${moment}`);
        expect(answer).toMatchObject({ status: 200, body: { version: 0, state: {} } });
        expect(answer.body).not.toHaveProperty('timestamp');
        expect(answer.headers.get('etag')).toBe('"0"');
      }
    });

    it('answers with the newest state for a version or time still to come, and says which that is', async () => {
      for (const moment of ['atVersion=99', 'asOf=2999-01-01T00:00:00Z']) {
        expect((await get(`aggregateId=u1&${moment}`)).body).toMatchObject({ version: 3, state: { isDeleted: true } });
      }
    });

    it('answers 404 for an unknown aggregate, and 400 for an id of several types', async () => {
      for (const query of [
        'aggregateId=nobody',
        'aggregateId=u1&aggregateType=vendor',
        'aggregateId=u1&tenantId=acme',
      ]) {
        for (const moment of ['', '&atVersion=0']) {
          expect(await get(query + moment)).toMatchObject({ status: 404, body: { code: 'aggregate-not-found' } });
        }
      }
      expect(await get('aggregateId=both')).toMatchObject({ status: 400, body: { code: 'ambiguous-aggregate' } });
      expect((await get('aggregateId=both&aggregateType=vendor')).body).toMatchObject({ state: { type: 'vendor' } });
    });

    it.each([
      ['', 'aggregateId'],
      ['aggregateId=', 'aggregateId'],
      ['aggregateId=u1&aggregateId=u2', 'aggregateId'],
      ['aggregateId=u1&atVersion=-1', 'atVersion'],
      ['aggregateId=u1&atVersion=1.5', 'atVersion'],
      ['aggregateId=u1&atVersion=99999999999999999999', 'atVersion'],
      ['aggregateId=u1&atVersion=1&atVersion=2', 'atVersion'],
      ['aggregateId=u1&asOf=then', 'asOf'],
      ['aggregateId=u1&atVersion=1&asOf=2024-01-01T00:00:00Z', 'asOf'],
      ['aggregateId=u1&allowIncomplete=yes', 'allowIncomplete'],
      ['aggregateId=u1&limit=5', 'limit'],
    ])('answers 400 for %s', async (query, path) => {
      expect(await get(query)).toMatchObject({ status: 400, body: { code: 'validation-failed', errors: [{ path }] } });
    });

    it('refuses to fold what retention has left, unless it is told that this is enough', async () => {
      const store = createInMemoryStore();
      await fill(store);
      const retained = await startInMemoryGateway({ store: withRetention(store, 2) });
      try {
        const path = `${STATE}?aggregateId=u1`;
        expect(await retained.get(path)).toMatchObject({
          status: 409,
          body: { code: 'history-incomplete', retainedFromVersion: 2 },
        });
        expect(await retained.get(`${path}&allowIncomplete=true`)).toMatchObject({
          status: 200,
          body: { version: 3, retainedFromVersion: 2, state: { email: 'ada@example.org' } },
        });
      } finally {
        await retained.stop();
      }
    });
  });

  describe('with a module', () => {
    let gateway: InMemoryGateway;
    let inner: EventStore;
    const get = async (id: string, more = '') => gateway.get(`${STATE}?aggregateId=${id}${more}`);

    beforeAll(async () => {
      inner = createInMemoryStore();
      gateway = await startInMemoryGateway({ store: inner, env: { STATE_MODULE } });
      await inner.append({ type: 'account', id: 'a1' }, [
        { type: 'account.opened', data: { name: 'Ada' } },
        { type: 'account.paid', data: { francs: 3, fee: 1 } },
        { type: 'account.paid', data: { francs: 0 } },
      ]);
      for (const type of ['careless', 'late', 'circular']) await inner.append({ type, id: type }, { type, data: 1 });
      await inner.append({ type: 'account', id: 'broken' }, [
        { type: 'account.opened', data: { owner: 'Bob' }, schemaVersion: 2 },
        { type: 'account.broken', data: null },
      ]);
      await fill(inner);
    });

    afterAll(() => gateway.stop());

    it('folds events as they are today with its reducer, and merges what it says nothing of', async () => {
      expect((await get('a1')).body).toMatchObject({
        version: 3,
        state: { owner: 'Ada', balance: 200 },
        reducer: 'module',
        snapshotVersion: null,
      });
      expect((await get('a1', '&atVersion=1')).body).toMatchObject({ version: 1, state: { owner: 'Ada', balance: 0 } });
      expect((await get('a1', '&atVersion=0')).body).toMatchObject({ version: 0, state: { owner: '', balance: 0 } });
      expect((await get('u1')).body).toMatchObject({ reducer: 'merge-patch', state: { name: 'Ada' } });
    });

    it('rebuilds by the same reducer, with all that became of a stored event on one page', async () => {
      const pages = [{ limit: 1 }, { limit: 2 }, {}];
      const sizes = [];
      for (const page of pages) {
        const { body } = await gateway.post('/events/streams/a1/reconstruct', page);
        expect(body).toMatchObject({ version: 3, state: { owner: 'Ada', balance: 200 } });
        sizes.push((body as { events: unknown[] }).events.length);
      }
      expect(sizes).toEqual([1, 3, 3]);
    });

    it('begins with a snapshot of the newest state where there is one', async () => {
      const aggregate = { type: 'account', id: 'a2', tenantId: 'default' };
      const paid = { type: 'account.paid', data: { cents: 5 }, schemaVersion: 2 };
      await inner.append(aggregate, [paid, paid]);
      // Of another state than the events make: that it was used shows.
      const snapshot = { aggregate, version: 2, stateVersion: 2, takenAt: '2024-01-01T00:00:00Z' };
      await inner.snapshots.put({ ...snapshot, state: { owner: 'Eve', balance: 1_000 } });
      await inner.append(aggregate, paid);
      expect((await get('a2')).body).toMatchObject({
        version: 3,
        state: { owner: 'Eve', balance: 1_005 },
        snapshotVersion: 2,
      });
      const folded = { state: { owner: '', balance: 15 }, snapshotVersion: null };
      expect((await get('a2', '&atVersion=3')).body).toMatchObject(folded);
      await inner.snapshots.put({ ...snapshot, version: 3, stateVersion: 3, state: {} });
      expect((await get('a2')).body).toMatchObject(folded);
    });

    it('answers 500 with event, version and position where a reducer throws', async () => {
      for (const answer of [await get('broken'), await gateway.post('/events/streams/broken/reconstruct', {})]) {
        expect(answer).toMatchObject({
          status: 500,
          body: {
            code: 'reducer-failed',
            eventType: 'account.broken',
            version: 2,
            position: { stream: 'EVENTS', sequence: expect.any(Number) },
            aggregateId: 'broken',
          },
        });
        expect((answer.body as { detail: string }).detail).not.toContain('no such entry');
      }
      expect(await get('broken', '&atVersion=1')).toMatchObject({ status: 200, body: { state: { owner: 'Bob' } } });
    });

    it.each(['careless', 'late', 'circular'])('answers 500 for a reducer that is %s', async (id) => {
      for (let i = 0; i < 2; i++) {
        expect(await get(id)).toMatchObject({ status: 500, body: { code: 'reducer-failed', version: 1 } });
      }
    });

    it.each([STATE, `/events/aggregate/diff`])('%s answers in time where folding would take for ever', async (path) => {
      const store = createInMemoryStore();
      await store.append({ type: 'long', id: 'long' }, { type: 'counted', data: {} });
      const [event] = (await store.load({ type: 'long', id: 'long' })).events;
      async function* endless() {
        for (let version = 1; ; version++) yield { ...event!, version };
      }
      const readAggregate = () => ({ [Symbol.asyncIterator]: endless, retainedFromVersion: undefined });
      const hasty = await startInMemoryGateway({
        store: withMethods(store, { readAggregate }),
        env: { REQUEST_TIMEOUT_MS: '100' },
      });
      try {
        expect(await hasty.get(`${path}?aggregateId=long${path === STATE ? '' : '&from=999999999'}`)).toMatchObject({
          status: 503,
          body: { code: 'request-timeout' },
        });
      } finally {
        await hasty.stop();
      }
    });
  });
});
