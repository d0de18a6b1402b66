import { fileURLToPath } from 'node:url';
import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { type InMemoryGateway, startInMemoryGateway } from '../bootstrap/in-memory-gateway.spec-support.ts';

const STATE_MODULE = fileURLToPath(new URL('../state/accounts.spec-support.ts', import.meta.url));
const ONE = '/events/snapshots/account/a1';

describe('/events/snapshots', () => {
  let store: EventStore;
  let gateway: InMemoryGateway;
  const opened = { type: 'account.opened', data: { owner: 'Ada' }, schemaVersion: 2 };

  beforeAll(async () => {
    store = createInMemoryStore();
    gateway = await startInMemoryGateway({ store, env: { STATE_MODULE } });
    for (const tenantId of ['default', 'acme']) await store.append({ type: 'account', id: 'a1', tenantId }, opened);
    await store.append({ type: 'account', id: 'a/2' }, opened);
    await store.append({ type: 'account', id: 'broken' }, { type: 'account.broken', data: null });
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.created', data: {} });
  });

  afterAll(() => gateway.stop());

  it('takes one where there is something new, shows it and deletes it', async () => {
    const taken = await gateway.request(ONE, { method: 'POST' });
    expect(taken).toMatchObject({ status: 201 });
    expect(taken.headers.get('location')).toBe(ONE);
    expect(taken.body).toEqual({
      tenantId: 'default',
      aggregateType: 'account',
      aggregateId: 'a1',
      version: 1,
      stateVersion: 2,
      takenAt: expect.any(String),
      state: { owner: 'Ada', balance: 0 },
    });
    expect(await gateway.request(ONE, { method: 'POST' })).toMatchObject({ status: 200, body: taken.body });
    expect(await gateway.get(`/api${ONE}`)).toMatchObject({ status: 200, body: taken.body });
    await store.append({ type: 'account', id: 'a1' }, opened);
    expect(await gateway.post(ONE, {})).toMatchObject({ status: 201, body: { version: 2 } });
    expect(await gateway.request(ONE, { method: 'DELETE' })).toMatchObject({ status: 204 });
    for (const method of ['GET', 'DELETE']) {
      expect(await gateway.request(ONE, { method })).toMatchObject({
        status: 404,
        body: { code: 'snapshot-not-found', aggregateType: 'account', aggregateId: 'a1' },
      });
    }
  });

  it('keeps those of tenants apart', async () => {
    const theirs = await gateway.post(`${ONE}?tenantId=acme`, {});
    expect(theirs).toMatchObject({ status: 201, body: { tenantId: 'acme', version: 1 } });
    expect(theirs.headers.get('location')).toBe(`${ONE}?tenantId=acme`);
    expect((await gateway.get(ONE)).status).toBe(404);
    expect((await gateway.request(`${ONE}?tenantId=acme`, { method: 'DELETE' })).status).toBe(204);
  });

  it('lists them in pages, without their states', async () => {
    await gateway.post(ONE, {});
    await gateway.post('/events/snapshots/account/a%2F2', {});
    const first = (await gateway.get('/events/snapshots?aggregateType=account&limit=1')).body as {
      snapshots: unknown[];
      nextCursor: string;
    };
    expect(first.snapshots).toEqual([
      {
        tenantId: 'default',
        aggregateType: 'account',
        aggregateId: 'a1',
        version: 2,
        stateVersion: 2,
        takenAt: expect.any(String),
        bytes: JSON.stringify({ owner: 'Ada', balance: 0 }).length,
      },
    ]);
    expect((await gateway.get(`/events/snapshots?limit=1&cursor=${first.nextCursor}`)).body).toMatchObject({
      snapshots: [{ aggregateId: 'a/2' }],
      nextCursor: null,
    });
    expect((await gateway.get('/events/snapshots?tenantId=acme')).body).toEqual({ snapshots: [], nextCursor: null });
  });

  it('takes none of what cannot have one', async () => {
    for (const [path, status, code] of [
      ['account/nobody', 404, 'aggregate-not-found'],
      ['account/a1?tenantId=nobody', 404, 'aggregate-not-found'],
      ['user/u1', 422, 'no-reducer'],
      ['account/broken', 500, 'reducer-failed'],
    ] as const) {
      expect(await gateway.post(`/events/snapshots/${path}`, {})).toMatchObject({ status, body: { code } });
    }
    expect(await store.snapshots.get({ type: 'user', id: 'u1' })).toBeUndefined();
  });

  it('answers 400 for what is no input of the routes', async () => {
    for (const [path, method, body] of [
      ['?nonsense=1', 'GET', undefined],
      ['?limit=0', 'GET', undefined],
      ['?cursor=nonsense', 'GET', undefined],
      ['/account/a1?version=1', 'GET', undefined],
      [`/account/${'x'.repeat(201)}`, 'GET', undefined],
      ['/account/a1', 'POST', { state: {} }],
      ['/account/a1?tenantId=', 'DELETE', undefined],
    ] as const) {
      const init = body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const answer = await gateway.request(`/events/snapshots${path}`, { method, ...init });
      expect({ path, answer }).toMatchObject({ path, answer: { status: 400, body: { code: 'validation-failed' } } });
    }
  });
});
