import { Test, type TestingModule } from '@nestjs/testing';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import {
  EVENT_STORE,
  EventsHealthIndicator,
  EventsModule,
  type EventsModuleOptions,
  EventsService,
  type EventStore,
  isAnnalsError,
} from './index.ts';

const USER = { aggregateId: 'user-1', aggregateType: 'user' };

async function start(module: ReturnType<typeof EventsModule.forRoot>): Promise<TestingModule> {
  const app = await Test.createTestingModule({ imports: [module] })

    .compile();
  return app.init();
}

describe('Event Sourcing on a real server', () => {
  let server: TestNatsServer;

  beforeEach(async () => {
    server = await startNatsServer();
  });
  afterEach(() => server.stop());

  /** Short limits: what must fail fails soon. */
  const options = (): EventsModuleOptions => ({
    servers: server.url,
    requestTimeoutMs: 1_000,
    appendTimeoutMs: 2_000,
  });

  it('publishes, reads and rebuilds state, and finds it all again after a restart of the service', async () => {
    const first = await start(EventsModule.forRoot({ ...options(), tenantId: 'acme', source: { name: 'users' } }));
    const events = first.get(EventsService);
    await events.publishEvent('user.created', { name: 'Ann' }, { ...USER, expectedVersion: 'none' });
    await events.publishEvents([
      { type: 'user.renamed', data: { name: 'Bea' }, ...USER, expectedVersion: 1 },
      { type: 'order.placed', data: {}, aggregateId: 'user-1', aggregateType: 'order' },
      { type: 'user.renamed', data: { name: 'Cid' }, ...USER },
    ]);
    await expect(events.publishEvent('user.renamed', {}, { ...USER, expectedVersion: 1 })).rejects.toMatchObject({
      code: 'concurrency-conflict',
      actualVersion: 3,
    });
    await first.close();

    const second = await start(
      EventsModule.forRootAsync({ useFactory: async () => ({ ...options(), tenantId: 'acme' }) }),
    );
    const again = second.get<EventsService>('EventsService');
    const merge = (state: object, event: { data: object }) => ({ ...state, ...event.data });
    expect(await again.reconstructStateWithVersion('user-1', 'user', {}, merge as never)).toEqual({
      state: { name: 'Cid' },
      version: 3,
    });
    expect(await again.reconstructState('user-1', 'user', {}, merge as never, { atVersion: 2 })).toEqual({
      name: 'Bea',
    });
    expect(await again.getEventsAfter('user-1', 'user', 1)).toMatchObject([
      { version: 2, data: { name: 'Bea' }, source: { name: 'users' }, tenantId: 'acme' },
      { version: 3, data: { name: 'Cid' } },
    ]);
    const vandal = (_state: object, event: { data: { name?: string } }) => Object.assign(event.data, { name: 'Eve' });
    await expect(again.reconstructState('user-1', 'user', {}, vandal as never)).rejects.toMatchObject({
      code: 'reducer-failed',
      cause: expect.any(TypeError),
    });
    expect(await again.reconstructState('user-1', 'user', {}, merge as never)).toEqual({ name: 'Cid' });
    const typesOf = async (list: Promise<{ type: string }[]>) => (await list).map(({ type }) => type);
    expect(
      await typesOf(again.replayEvents({ aggregateId: 'user-1', aggregateType: 'user', eventTypes: ['*.created'] })),
    ).toEqual(['user.created']);
    expect(await typesOf(again.getEventHistory('user-1'))).toEqual([
      'user.created',
      'user.renamed',
      'user.renamed',
      'order.placed',
    ]);
    expect(await typesOf(again.getEventsByType('order.>'))).toEqual(['order.placed']);
    expect(await typesOf(again.getEventsByAggregateType('order'))).toEqual(['order.placed']);
    expect(await again.getEventsSince(new Date(Date.now() - 60_000))).toHaveLength(4);
    expect(await again.getEventHistory(undefined, undefined, { tenantId: 'default' })).toEqual([]);
    expect(await again.exists('user-1', 'user')).toBe(true);
    expect(await again.getCurrentVersion('user-1', 'order')).toBe(1);
    await second.close();
  });

  it('survives the loss of its server: calls fail with a typed error meanwhile, and work when it is back', async () => {
    const app = await start(EventsModule.forRoot(options()));
    const events = app.get(EventsService);
    const health = app.get(EventsHealthIndicator);
    await events.publishEvent('user.created', { i: 0 }, USER);
    expect(await health.isHealthy()).toMatchObject({ events: { status: 'up', serverVersion: expect.any(String) } });

    await server.kill();
    // Until the loss is noticed an event may still be sent, and its outcome is then unknown.
    await eventually(async () => (await health.check()).status === 'down');
    const calls = {
      publish: () => events.publishEvent('user.updated', { i: 1 }, { ...USER, expectedVersion: 1 }),
      read: () => events.replayEvents(),
      aggregate: () => events.getEventsForAggregate('user-2', 'user'),
      version: () => events.getCurrentVersion('user-2', 'user'),
    };
    for (const [name, call] of Object.entries(calls)) {
      const began = Date.now();
      const error: unknown = await call().then(
        () => `${name} did not fail`,
        (reason: unknown) => reason,
      );
      expect(isAnnalsError(error) ? error.code : error).toBe('store-unavailable');
      expect(Date.now() - began).toBeLessThan(5_000);
    }
    expect(await health.check()).toMatchObject({ status: 'down', reason: expect.any(String) });

    await server.restart();
    await eventually(async () => (await health.check()).status === 'up');
    const { events: appended } = await events.publishEvent('user.updated', { i: 2 }, USER);
    const stored = await events.getEventsForAggregate<{ i: number }>('user-1', 'user');
    expect(stored.map(({ version, data }) => [version, data.i])).toEqual([
      [1, 0],
      [appended[0]!.version, 2],
    ]);
    expect(appended[0]!.version).toBe(2);
    await app.close();
  });

  it('stores what is in hand before it closes, and refuses what comes after', async () => {
    const app = await start(EventsModule.forRoot(options()));
    const events = app.get(EventsService);
    const inHand = Array.from({ length: 200 }, (_, i) => events.publishEvent('meter.read', i));
    await app.close();
    const outcomes = await Promise.allSettled(inHand);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    await expect(events.publishEvent('meter.read', 200)).rejects.toMatchObject({ code: 'store-closed' });
    await expect(events.replayEvents()).rejects.toMatchObject({ code: 'store-closed' });

    const next = await start(EventsModule.forRoot(options()));
    expect(await next.get(EventsService).replayEvents()).toHaveLength(200);
    await next.close();
  });

  it('leaves a store open that was handed in', async () => {
    const owner = await start(EventsModule.forRoot(options()));
    const store = owner.get<EventStore>(EVENT_STORE);
    const guest = await start(EventsModule.forRoot({ store }));
    await guest.close();
    await owner.get(EventsService).publishEvent('app.started', {});
    await owner.close();
  });

  it('does not start without a server, and says which one it looked for', async () => {
    await server.kill();
    const starting = start(EventsModule.forRoot(options()));
    await expect(starting).rejects.toMatchObject({
      code: 'store-unavailable',
      message: expect.stringContaining(String(server.port)),
    });
  });
});
