import { type EventStore, openJetStreamStore } from '@annals/events';
import { eventually, startNatsServer, type TestNatsServer } from '@annals/testing';
import { findFreePort } from '@annals/tools/nats-server';
import { ServiceProcess } from '../services.spec-support.ts';
import { call } from '../traffic/marketplace-client.ts';

/** Starts nats-server and two built services. */
const RUN_MS = 60_000;
const WAIT = { deadlineMs: 20_000 };
const DEADLINE_MS = 3_000;

describe('the onboarding of vendors by the built services', () => {
  let nats: TestNatsServer;
  let store: EventStore;
  let urls: { readonly users: string; readonly vendors: string };
  const processes = new Map<'users' | 'vendors', ServiceProcess>();

  const start = async (name: 'users' | 'vendors') => {
    const service = new ServiceProcess(name, {
      PORT: new URL(urls[name]).port,
      NATS_URL: nats.url,
      VENDORS_URL: urls.vendors,
      ONBOARDING_DEADLINE_MS: String(DEADLINE_MS),
    });
    processes.set(name, service);
    await service.ready();
  };

  beforeAll(async () => {
    nats = await startNatsServer();
    const [users, vendors] = [await findFreePort(), await findFreePort()];
    urls = { users: `http://127.0.0.1:${users}`, vendors: `http://127.0.0.1:${vendors}` };
    await start('users');
    await start('vendors');
    store = await openJetStreamStore({ servers: nats.url });
  }, RUN_MS);
  afterAll(async () => {
    await Promise.all([...processes.values()].map((service) => service.stop()));
    await store?.close();
    await nats?.stop();
  }, RUN_MS);

  const post = async (url: string, body: unknown) => (await call({ method: 'POST', url, body })).body['id'] as string;
  const stateOf = async (key: string) => (await store.processes.instance('vendor-onboarding', key)).state;

  it(
    'closes at the deadline who is not complete, though the service was killed meanwhile, and leaves others be',
    async () => {
      const ownerId = await post(`${urls.users}/users`, { name: 'Ada', email: 'ada@example.com' });
      const late = await post(`${urls.vendors}/vendors`, { name: 'Late', category: 'food', ownerId });
      const place = { location: { lat: 48.2, long: 16.37 }, description: 'bread' };
      const complete = await post(`${urls.vendors}/vendors`, { name: 'Early', category: 'food', ownerId, ...place });
      await eventually(async () => (await stateOf(complete)) === 'ended', WAIT);
      await eventually(async () => (await stateOf(late)) === 'started', WAIT);

      await processes.get('vendors')!.stop('SIGKILL');
      await start('vendors');

      await eventually(async () => (await stateOf(late)) === 'timed-out', WAIT);
      const vendor = { type: 'vendor', id: late };
      await eventually(async () => (await store.load(vendor)).events.at(-1)?.type === 'vendor.deleted', WAIT);
      const { events } = await store.load(vendor);
      expect(events.map(({ type }) => type)).toEqual(['vendor.created', 'vendor.deleted']);
      expect(events[1]).toMatchObject({
        correlationId: events[0]!.correlationId,
        causationId: events[0]!.messageId,
        data: { reason: 'onboarding was not completed in time: no location, no description' },
      });
      const reminders = await store.load({ type: 'onboarding', id: late });
      expect(reminders.events.map(({ type }) => type)).toEqual(['onboarding.reminded']);
      expect(await store.currentVersion({ type: 'vendor', id: complete })).toBe(2);
      // What the other service keeps of the vendor goes with it.
      await eventually(async () => {
        const owner = await store.load({ type: 'user', id: ownerId });
        return owner.events.some(
          ({ type, data }) => type === 'user.integration.deleted' && JSON.stringify(data).includes(late),
        );
      }, WAIT);
    },
    RUN_MS,
  );
});
