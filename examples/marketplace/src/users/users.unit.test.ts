import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import { startServices, type RunningServices } from '../http/start-services.spec-support.ts';
import { call, type Answer, type Call } from '../traffic/marketplace-client.ts';

describe('the users service over HTTP', () => {
  let store: EventStore;
  let services: RunningServices;
  let users: string;

  beforeAll(async () => {
    store = createInMemoryStore();
    services = await startServices(store);
    users = `${services.users}/users`;
  });
  afterAll(async () => {
    await services.close();
    await store.close();
  });

  const ada = { name: 'Ada Berg', email: 'ada@example.com' };
  const post = (url: string, body: unknown, more: Partial<Call> = {}): Promise<Answer> =>
    call({ method: 'POST', url, body, ...more });
  const newUser = async (): Promise<string> => (await post(users, ada)).body['id'] as string;
  const eventsOf = async (id: string, type = 'user') => (await store.load({ type, id })).events;

  it('creates a user and answers with its id, version and events', async () => {
    const answer = await post(users, { ...ada, clerkId: 'clerk-1' }, { headers: { 'x-user-id': 'clerk-1' } });
    const id = answer.body['id'] as string;
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({ version: 1, repeated: false, events: [{ type: 'user.created', version: 1 }] });
    expect(answer.headers.get('etag')).toBe('"1"');
    const [event] = await eventsOf(id);
    expect(event).toMatchObject({
      type: 'user.created',
      userId: 'clerk-1',
      source: { type: 'service', name: 'users' },
      data: { userId: id, clerkId: 'clerk-1', ...ada },
    });
    expect(event!.correlationId).toBe(answer.headers.get('x-correlation-id'));
  });

  it('shows a user as its events tell, with the version as ETag', async () => {
    const id = await newUser();
    await call({ method: 'PUT', url: `${users}/${id}/location`, body: { lat: 52.37, long: 4.89 } });
    const answer = await call({ method: 'GET', url: `${users}/${id}` });
    expect(answer.headers.get('etag')).toBe('"2"');
    expect(answer.body).toMatchObject({ id, version: 2, profile: ada, location: { lat: 52.37, long: 4.89 } });
  });

  it('writes no event when an update changes nothing', async () => {
    const id = await newUser();
    const answer = await call({ method: 'PATCH', url: `${users}/${id}`, body: { name: ada.name } });
    expect(answer.body).toMatchObject({ version: 1, events: [] });
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('lets all of many writers at one user through, each upon the version it decided on', async () => {
    const id = await newUser();
    const places = Array.from({ length: 6 }, (_, i) => ({ lat: i, long: i }));
    const answers = await Promise.all(
      places.map((body) => call({ method: 'PUT', url: `${users}/${id}/location`, body })),
    );
    expect(answers.map(({ body }) => body['version']).sort()).toEqual([2, 3, 4, 5, 6, 7]);
    expect((await eventsOf(id)).map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('refuses a write upon an old version with 412 and both versions', async () => {
    const id = await newUser();
    const url = `${users}/${id}`;
    await call({ method: 'PATCH', url, body: { name: 'Ada B.' }, headers: { 'if-match': '"1"' } });
    const late = await call({
      method: 'PATCH',
      url,
      body: { name: 'Ada C.' },
      headers: { 'if-match': '"1"' },
      expect: [412],
    });
    expect(late.headers.get('content-type')).toContain('application/problem+json');
    expect(late.body).toMatchObject({ code: 'precondition-failed', expectedVersion: 1, actualVersion: 2 });
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('answers a repeated command with what the first one did', async () => {
    const headers = { 'idempotency-key': 'sign-up-1' };
    const first = await post(users, ada, { headers });
    const again = await post(users, ada, { headers });
    expect(again.body).toEqual({ ...first.body, repeated: true });
    expect(again.headers.get('x-correlation-id')).toBe(first.headers.get('x-correlation-id'));
    expect(await eventsOf(first.body['id'] as string)).toHaveLength(1);
  });

  it('carries out once what is sent twice at the same moment', async () => {
    const id = await newUser();
    const integration: Call = {
      method: 'POST',
      url: `${users}/${id}/integrations`,
      body: { provider: 'slack', externalId: 'ada' },
      headers: { 'idempotency-key': 'twice' },
    };
    const answers = await Promise.all([call(integration), call(integration), call(integration)]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body['events']))).size).toBe(1);
    expect(answers.filter(({ body }) => body['repeated'])).toHaveLength(2);
    expect(await eventsOf(id)).toHaveLength(2);
  });

  it('refuses an idempotency key that was used for something else', async () => {
    const headers = { 'idempotency-key': 'sign-up-2' };
    await post(users, ada, { headers });
    const other = await post(users, { ...ada, name: 'Somebody else' }, { headers, expect: [422] });
    expect(other.body).toMatchObject({ code: 'idempotency-key-reused' });
  });

  it('connects and disconnects other systems', async () => {
    const id = await newUser();
    const url = `${users}/${id}/integrations`;
    const body = { provider: 'slack', externalId: 'ada', scopes: ['read'] };
    await post(url, body);
    expect((await post(url, body, { expect: [409] })).body).toMatchObject({ code: 'integration-exists' });
    const [, connected] = await eventsOf(id);
    const { integrationId } = connected!.data as { integrationId: string };
    await call({ method: 'DELETE', url: `${url}/${integrationId}` });
    expect((await eventsOf(id)).map(({ type }) => type)).toEqual([
      'user.created',
      'user.integration.created',
      'user.integration.deleted',
    ]);
  });

  it('records WebSocket connections as aggregates of their own', async () => {
    const id = await newUser();
    const url = `${users}/${id}/connections`;
    const connectionId = (await post(url, { device: 'phone' })).body['id'] as string;
    await call({ method: 'DELETE', url: `${url}/${connectionId}?code=1001` });
    expect((await eventsOf(connectionId, 'websocket')).map(({ type, data }) => [type, data])).toEqual([
      ['websocket.user.connected', { connectionId, partyId: id, device: 'phone' }],
      ['websocket.user.disconnected', { connectionId, partyId: id, code: 1001, connectedForMs: expect.any(Number) }],
    ]);
    expect(await eventsOf(id)).toHaveLength(1);
  });

  it('knows a deleted user from one that never was', async () => {
    const id = await newUser();
    const url = `${users}/${id}`;
    expect((await call({ method: 'DELETE', url: `${url}?reason=left` })).body['version']).toBe(2);
    expect((await call({ method: 'DELETE', url })).body).toMatchObject({ version: 2, events: [] });
    expect((await call({ method: 'GET', url, expect: [410] })).body).toMatchObject({ code: 'user-deleted' });
    expect((await call({ method: 'GET', url: `${users}/nobody`, expect: [404] })).body).toMatchObject({
      code: 'user-not-found',
      status: 404,
      instance: '/users/nobody',
    });
    await post(`${url}/connections`, {}, { expect: [410] });
  });

  it.each([
    ['a body without what is needed', 'POST', '/users', { name: 'x' }, ['email']],
    ['a property that does not exist', 'POST', '/users', { ...ada, admin: true }, ['admin']],
    ['an update of nothing', 'PATCH', '/users/u', {}, ['']],
    ['a place that is not on earth', 'PUT', '/users/u/location', { lat: 91, long: 200 }, ['lat', 'long']],
    [
      'scopes that are no texts',
      'POST',
      '/users/u/integrations',
      { provider: 'p', externalId: 'e', scopes: [1] },
      ['scopes'],
    ],
    [
      'a vendor whose place is wrong',
      'POST',
      '/users/u/vendors',
      { name: 'n', category: 'c', location: {} },
      ['location.lat', 'location.long'],
    ],
    ['a close code that is none', 'DELETE', '/users/u/connections/c?code=99', undefined, ['code']],
    ['an id that is too long', 'GET', `/users/${'x'.repeat(201)}`, undefined, ['id']],
  ] as const)('refuses %s and says where', async (_what, method, path, body, paths) => {
    const answer = await call({ method, url: `${services.users}${path}`, body, expect: [400] });
    expect(answer.body['code']).toBe('validation-failed');
    expect((answer.body['errors'] as { path: string }[]).map(({ path }) => path)).toEqual(paths);
  });

  it.each([
    ['x-correlation-id', 'two words'],
    ['idempotency-key', 'k'.repeat(129)],
    ['if-match', '3'],
    ['if-match', '"1.5"'],
  ])('refuses the header %s: %s', async (name, value) => {
    const answer = await post(users, ada, { headers: { [name]: value }, expect: [400] });
    expect(answer.body).toMatchObject({ code: 'validation-failed', errors: [{ path: name }] });
  });

  it('answers with a problem document to what is no JSON, too large, of another type, or on no route', async () => {
    const send = async (url: string, body: string, type = 'application/json') => {
      const response = await fetch(url, { method: 'POST', body, headers: { 'content-type': type } });
      expect(response.headers.get('content-type')).toContain('application/problem+json');
      return { status: response.status, ...((await response.json()) as { code: string }) };
    };
    expect(await send(users, '{')).toMatchObject({ status: 400, code: 'malformed-request' });
    expect(await send(users, JSON.stringify({ name: 'x'.repeat(70_000) }))).toMatchObject({ status: 413 });
    expect(await send(users, '<name/>', 'application/xml')).toMatchObject({ status: 415 });
    expect(await send(`${services.users}/nothing`, '{}')).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('is alive and ready', async () => {
    expect((await call({ method: 'GET', url: `${services.users}/health/live` })).body).toEqual({ status: 'up' });
    expect((await call({ method: 'GET', url: `${services.users}/health/ready` })).body).toMatchObject({ status: 'up' });
  });
});
