import type { EventStore, RecordedEvent } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import { newId } from '../command/command-identity.ts';
import { startServices, type RunningServices } from '../http/start-services.spec-support.ts';
import { driveTraffic } from '../traffic/drive-traffic.ts';
import { call, type Answer, type Call } from '../traffic/marketplace-client.ts';

/** All domain events of the marketplace. */
const ALL_TYPES = [
  'user.created',
  'user.deleted',
  'user.integration.created',
  'user.integration.deleted',
  'user.location.updated',
  'user.updated',
  'vendor.created',
  'vendor.deleted',
  'vendor.location.updated',
  'vendor.updated',
  'websocket.user.connected',
  'websocket.user.disconnected',
  'websocket.vendor.connected',
  'websocket.vendor.disconnected',
];

describe('the vendors service over HTTP', () => {
  let store: EventStore;
  let services: RunningServices;

  beforeAll(async () => {
    store = createInMemoryStore();
    services = await startServices(store);
  });
  afterAll(async () => {
    await services.close();
    await store.close();
  });

  const bakery = { name: 'Berg Bakery', category: 'food', location: { lat: 48.2, long: 16.37 } };
  const post = (url: string, body: unknown, more: Partial<Call> = {}): Promise<Answer> =>
    call({ method: 'POST', url, body, ...more });
  const newUser = async () =>
    (await post(`${services.users}/users`, { name: 'Ada', email: 'ada@example.com' })).body['id'] as string;
  const eventsOf = async (id: string, type: string) => (await store.load({ type, id })).events;
  /** The newest event of an aggregate, once it is of this type: handlers take their moment. */
  const lastEventOf = async (id: string, eventType: string, type = 'user'): Promise<RecordedEvent> => {
    let last: RecordedEvent | undefined;
    await eventually(async () => (last = (await eventsOf(id, type)).at(-1))?.type === eventType);
    return last!;
  };
  const chainOf = (event: RecordedEvent | undefined) => ({
    correlationId: event?.correlationId,
    causationId: event?.causationId,
  });

  it('creates a vendor and its place by one append', async () => {
    const ownerId = await newUser();
    const answer = await post(`${services.vendors}/vendors`, { ...bakery, ownerId });
    expect(answer.body).toMatchObject({ version: 2, repeated: false });
    const id = answer.body['id'] as string;
    const events = await eventsOf(id, 'vendor');
    expect(events.map(({ type }) => type)).toEqual(['vendor.created', 'vendor.location.updated']);
    expect(events[0]!.data).toEqual({ vendorId: id, ownerId, name: 'Berg Bakery', category: 'food' });
    const shown = await call({ method: 'GET', url: `${services.vendors}/vendors/${id}` });
    expect(shown.body).toMatchObject({ id, version: 2, ownerId, location: bakery.location, status: 'active' });
  });

  it('asks the events of the owner whether there is one', async () => {
    const deleted = await newUser();
    await call({ method: 'DELETE', url: `${services.users}/users/${deleted}` });
    for (const ownerId of ['nobody', deleted]) {
      const answer = await post(`${services.vendors}/vendors`, { ...bakery, ownerId }, { expect: [409] });
      expect(answer.body).toMatchObject({ code: 'owner-not-available' });
    }
  });

  it('joins onboarding over both services into one chain of cause and effect', async () => {
    const userId = await newUser();
    const answer = await post(`${services.users}/users/${userId}/vendors`, bakery, {
      headers: { 'x-correlation-id': 'onboarding-1' },
    });
    const vendorId = answer.body['vendorId'] as string;
    const [, integration] = await eventsOf(userId, 'user');
    const [created, placed] = await eventsOf(vendorId, 'vendor');
    expect(integration).toMatchObject({
      type: 'user.integration.created',
      correlationId: 'onboarding-1',
      data: { integrationId: vendorId, provider: 'marketplace-vendor' },
    });
    const chain = { correlationId: 'onboarding-1', causationId: integration!.messageId };
    expect(created).toMatchObject({ data: { ownerId: userId }, userId, source: { name: 'vendors' } });
    expect(chainOf(created)).toEqual(chain);
    expect(chainOf(placed)).toEqual(chain);
  });

  it('tells the owner when a vendor is deleted, in the same chain', async () => {
    const userId = await newUser();
    const onboarded = await post(`${services.users}/users/${userId}/vendors`, bakery);
    const vendorId = onboarded.body['vendorId'] as string;
    const url = `${services.vendors}/vendors/${vendorId}`;
    await call({ method: 'DELETE', url: `${url}?reason=retired`, headers: { 'x-correlation-id': 'closing-1' } });
    const deleted = (await eventsOf(vendorId, 'vendor')).at(-1)!;
    const removed = await lastEventOf(userId, 'user.integration.deleted');
    expect(deleted).toMatchObject({ type: 'vendor.deleted', data: { reason: 'retired' } });
    expect(removed).toMatchObject({ type: 'user.integration.deleted', data: { integrationId: vendorId } });
    expect(chainOf(removed)).toEqual({ correlationId: 'closing-1', causationId: deleted.messageId });
    await call({ method: 'GET', url, expect: [410] });
  });

  it('takes up an onboarding that was cut in half, when it is repeated with its key', async () => {
    const userId = await newUser();
    const url = `${services.users}/users/${userId}/vendors`;
    const headers = { 'idempotency-key': 'cut-in-half' };
    await services.stop('vendors');
    const cut = await post(url, bakery, { headers, expect: [503] });
    expect(cut.body).toMatchObject({ code: 'vendors-unavailable' });
    expect(cut.headers.get('retry-after')).toBe('1');
    await services.start('vendors');
    const { vendorId, user, vendor } = (await post(url, bakery, { headers })).body as {
      vendorId: string;
      user: { repeated: boolean };
      vendor: { repeated: boolean };
    };
    expect([user.repeated, vendor.repeated]).toEqual([true, false]);
    expect(await eventsOf(userId, 'user')).toHaveLength(2);
    expect(await eventsOf(vendorId, 'vendor')).toHaveLength(2);
    expect((await post(url, bakery, { headers })).body).toMatchObject({ vendor: { repeated: true } });
  });

  it('tells the owner later when the users service is away', async () => {
    const userId = await newUser();
    const { vendorId } = (await post(`${services.users}/users/${userId}/vendors`, bakery)).body as { vendorId: string };
    await services.stop('users');
    await call({ method: 'DELETE', url: `${services.vendors}/vendors/${vendorId}` });
    await services.start('users');
    expect(await lastEventOf(userId, 'user.integration.deleted')).toMatchObject({ data: { integrationId: vendorId } });
  });

  it('records a vendor with its owner that was created by itself', async () => {
    const ownerId = await newUser();
    const answer = await post(
      `${services.vendors}/vendors`,
      { ...bakery, ownerId },
      {
        headers: { 'x-correlation-id': 'by-itself' },
      },
    );
    const recorded = await lastEventOf(ownerId, 'user.integration.created');
    expect(recorded.data).toMatchObject({ integrationId: answer.body['id'], provider: 'marketplace-vendor' });
    const [created] = await eventsOf(answer.body['id'] as string, 'vendor');
    expect(chainOf(recorded)).toEqual({ correlationId: 'by-itself', causationId: created!.messageId });
  });

  it('closes the vendors of a user who leaves, and all of it is one chain', async () => {
    const userId = await newUser();
    const { vendorId } = (await post(`${services.users}/users/${userId}/vendors`, bakery)).body as { vendorId: string };
    const headers = { 'x-correlation-id': 'leaving-1', 'x-user-id': 'support-7' };
    await call({ method: 'DELETE', url: `${services.users}/users/${userId}`, headers });
    const removed = await lastEventOf(userId, 'user.integration.deleted');
    const closed = await lastEventOf(vendorId, 'vendor.deleted', 'vendor');
    const left = (await eventsOf(userId, 'user')).at(-2)!;
    expect(left).toMatchObject({ type: 'user.deleted', correlationId: 'leaving-1' });
    expect(closed).toMatchObject({ data: { reason: 'its owner left' }, userId: 'support-7' });
    expect(chainOf(closed)).toEqual({ correlationId: 'leaving-1', causationId: left.messageId });
    expect(chainOf(removed)).toEqual({ correlationId: 'leaving-1', causationId: closed.messageId });
  });

  it('takes the first step of an onboarding back when the second is refused for good', async () => {
    const [userId, ownerId] = [await newUser(), await newUser()];
    // Onboarding names the vendor after the key, and a vendor of that name comes from another command.
    const vendorId = newId('vendor', { idempotencyKey: 'collides' });
    await post(`${services.vendors}/vendors`, { ...bakery, ownerId, vendorId });
    const headers = { 'idempotency-key': 'collides' };
    const answer = await post(`${services.users}/users/${userId}/vendors`, bakery, { headers, expect: [409] });
    expect(answer.body).toMatchObject({ code: 'vendor-exists' });
    expect((await eventsOf(userId, 'user')).map(({ type }) => type)).toEqual([
      'user.created',
      'user.integration.created',
      'user.integration.deleted',
    ]);
  });

  it('sees every domain event in the traffic of five users', async () => {
    const before = (await store.stats()).totalEvents;
    const progress: number[] = [];
    const { tally, highlight } = await driveTraffic(services, {
      users: 5,
      run: 'test',
      onProgress: ({ commands }) => progress.push(commands),
    });
    const { eventTypeBreakdown, totalEvents } = await store.stats();
    expect(Object.keys(eventTypeBreakdown).sort()).toEqual(ALL_TYPES);
    expect(totalEvents - before).toBeGreaterThan(50);
    expect(tally.get('commands')).toBe(progress.at(-1));
    for (const what of [
      'repeated commands answered alike',
      'writes upon an old version refused',
      'commands to deleted users refused',
      'vendors onboarded across two services',
      'vendors deleted, their owners told',
    ]) {
      expect([what, tally.get(what) > 0]).toEqual([what, true]);
    }
    const [vendorCreated] = await eventsOf(highlight!.vendorId, 'vendor');
    expect(vendorCreated!.correlationId).toBe(highlight!.correlationId);
  });
});
