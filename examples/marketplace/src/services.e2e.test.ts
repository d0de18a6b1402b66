import type { RecordedEvent } from '@annals/core';
import { type EventStore, openJetStreamStore } from '@annals/events';
import { eventually, startNatsServer, type TestNatsServer } from '@annals/testing';
import { findFreePort } from '@annals/tools/nats-server';
import { MailService, ServiceProcess } from './services.spec-support.ts';
import { call } from './traffic/marketplace-client.ts';

/** Starts nats-server and two built services. */
const RUN_MS = 60_000;
const WAIT = { deadlineMs: 15_000 };

describe('the two built services', () => {
  let nats: TestNatsServer;
  let store: EventStore;
  let mail: MailService;
  let urls: { readonly users: string; readonly vendors: string };
  let answerMail: (n: number) => number | Promise<number> = (n) => (n === 1 ? 503 : 202);
  const processes = new Map<'users' | 'vendors', ServiceProcess>();

  const start = async (name: 'users' | 'vendors') => {
    const service = new ServiceProcess(name, {
      PORT: new URL(urls[name]).port,
      NATS_URL: nats.url,
      VENDORS_URL: urls.vendors,
      MAIL_URL: mail.url,
    });
    processes.set(name, service);
    await service.ready();
  };

  beforeAll(async () => {
    nats = await startNatsServer();
    mail = await MailService.start((n) => answerMail(n));
    const [users, vendors] = [await findFreePort(), await findFreePort()];
    urls = { users: `http://127.0.0.1:${users}`, vendors: `http://127.0.0.1:${vendors}` };
    // One after the other: both would make the stream, and the one that comes second only has to look at it.
    await start('users');
    await start('vendors');
    store = await openJetStreamStore({ servers: nats.url });
  }, RUN_MS);
  afterAll(async () => {
    await Promise.all([...processes.values()].map((service) => service.stop()));
    await store?.close();
    await mail?.stop();
    await nats?.stop();
  }, RUN_MS);

  const newUser = async (name: string, correlationId: string): Promise<string> => {
    const body = { name, email: `${name.toLowerCase()}@example.com` };
    const headers = { 'x-correlation-id': correlationId, 'x-user-id': 'support-7' };
    return (await call({ method: 'POST', url: `${urls.users}/users`, body, headers })).body['id'] as string;
  };
  const chain = async (correlationId: string): Promise<RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const event of store.readAll()) if (event.correlationId === correlationId) events.push(event);
    return events;
  };

  it('try again what failed once, and tell others the chain that it belongs to', async () => {
    await newUser('Ada', 'sign-up-1');
    await eventually(() => mail.mails.length === 2, WAIT);
    const [created] = await chain('sign-up-1');
    expect(mail.mails.map(({ status }) => status)).toEqual([503, 202]);
    for (const { headers, body } of mail.mails) {
      expect(headers).toMatchObject({ 'x-correlation-id': 'sign-up-1', 'idempotency-key': created!.messageId });
      expect(body).toEqual({ to: 'ada@example.com', subject: 'Welcome to the marketplace, Ada' });
    }
  });

  it('react to events of each other, in one chain of cause and effect over both', async () => {
    const userId = await newUser('Bea', 'sign-up-2');
    const shop = { method: 'POST', url: `${urls.vendors}/vendors` } as const;
    const body = { name: 'Bakery', category: 'food', ownerId: userId };
    const vendorId = (await call({ ...shop, body, headers: { 'x-correlation-id': 'opening' } })).body['id'] as string;
    await eventually(async () => (await chain('opening')).length === 2, WAIT);

    // A question to the other service, over NATS, beside the events.
    const { body: answer } = await call({ method: 'GET', url: `${urls.users}/users/${userId}/vendors` });
    expect(answer['vendors']).toEqual([
      expect.objectContaining({
        id: vendorId,
        ownerId: userId,
        status: 'active',
        profile: { name: 'Bakery', category: 'food' },
      }),
    ]);

    // And out of a read model, which follows the events a moment behind.
    const directory = { method: 'GET', url: `${urls.vendors}/owners/${userId}/vendors` } as const;
    const listed = [{ id: vendorId, name: 'Bakery', category: 'food' }];
    await eventually(
      async () => JSON.stringify((await call(directory)).body['vendors']) === JSON.stringify(listed),
      WAIT,
    );

    const headers = { 'x-correlation-id': 'leaving', 'x-user-id': 'support-7' };
    await call({ method: 'DELETE', url: `${urls.users}/users/${userId}`, headers });
    await eventually(async () => (await chain('leaving')).length === 3, WAIT);
    const [left, closed, removed] = await chain('leaving');
    expect([left, closed, removed].map((event) => [event!.type, event!.source!.name, event!.userId])).toEqual([
      ['user.deleted', 'users', 'support-7'],
      ['vendor.deleted', 'vendors', 'support-7'],
      ['user.integration.deleted', 'users', 'support-7'],
    ]);
    expect(closed!.causationId).toBe(left!.messageId);
    expect(removed!.causationId).toBe(closed!.messageId);
  });

  it('tell in their health which subscriptions they handle', async () => {
    const { body } = await call({ method: 'GET', url: `${urls.users}/health/ready` });
    expect(body).toMatchObject({
      status: 'up',
      events: {
        subscriptions: {
          'users.VendorEventsController.follow': expect.any(String),
          'users.WelcomeMailSubscriber': expect.any(String),
        },
        stalled: [],
      },
    });
  });

  it(
    'finish what they handle when they are told to stop, and do it once',
    async () => {
      const before = mail.mails.length;
      let arrived = false;
      let release!: (status: number) => void;
      answerMail = () => {
        arrived = true;
        return new Promise((resolve) => (release = resolve));
      };
      await newUser('Cid', 'sign-up-3');
      await eventually(() => arrived, WAIT);
      const users = processes.get('users')!;
      const ended = users.stop('SIGTERM');
      await hasStoppedWhatIsIdle();
      // HTTP is served until the handlers are done, so users can still come; their mails are for the next process.
      await newUser('Dan', 'sign-up-4');
      release(202);
      expect(await ended).toBe('SIGTERM');
      expect(mail.mails).toHaveLength(before + 1);
      answerMail = () => 202;
      await start('users');
      await eventually(() => mail.mails.length >= before + 2, WAIT);
      const names = mail.mails.slice(before).map(({ body }) => body.to);
      expect(names).toEqual(['cid@example.com', 'dan@example.com']);
    },
    RUN_MS,
  );

  /** What runs no handler stops at once, and is then no longer among what the process handles. */
  async function hasStoppedWhatIsIdle(): Promise<void> {
    await eventually(async () => {
      const { body } = await call({ method: 'GET', url: `${urls.users}/health/ready` });
      const { subscriptions } = body['events'] as { subscriptions: Record<string, string> };
      return subscriptions['users.VendorEventsController.follow'] === undefined;
    }, WAIT);
  }
});
