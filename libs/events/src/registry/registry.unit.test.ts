import { jest } from '@jest/globals';
import { Controller, Injectable, type OnModuleInit } from '@nestjs/common';
import { EventPattern, Payload } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type ActiveSubscription, EventRegistry, type EventStore, type StandardSchema } from '@annals/core';
import { createInMemoryStore, eventually } from '@annals/testing';
import {
  EventsModule,
  type EventsModuleOptions,
  EventsService,
  EventsTransport,
  defineEvents,
  splitInto,
  typedEvents,
} from '../index.ts';

const USER = { aggregateType: 'user', aggregateId: 'u1' } as const;
const apps: NestFastifyApplication[] = [];

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function application(
  store: EventStore,
  options: Partial<EventsModuleOptions> = {},
  parts: { readonly providers?: never[]; readonly controllers?: never[] } = {},
): Promise<NestFastifyApplication> {
  const module = EventsModule.forRoot({ serviceName: 'shop', ...options, store } as EventsModuleOptions);
  const built = await Test.createTestingModule({ imports: [module], ...parts }).compile();
  const app = built.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
  apps.push(app);
  return app;
}

/** Registers migrations as services do. */
function registering(...calls: readonly ((events: EventsService) => unknown)[]): never[] {
  return calls.map((call) => {
    @Injectable()
    class Migrations implements OnModuleInit {
      constructor(private readonly events: EventsService) {}
      onModuleInit(): void {
        call(this.events);
      }
    }
    return Migrations as never;
  });
}

describe('migrations of a service', () => {
  it('are registered when providers start, and applied to what it reads', async () => {
    const store = createInMemoryStore();
    await store.append({ type: 'user', id: 'u1' }, { type: 'RequirementApproved', data: { by: 'ada' } });
    const providers = registering(
      (events) =>
        events.registerMigration('RequirementApproved', 'v1', 'v2', (event) => ({
          ...event,
          approverRole: event.approverRole || 'REVIEWER',
        })),
      (events) => events.registerMigration('RequirementApproved', 2, 3, { defaults: { at: 'unknown' } }),
    );
    const app = await (await application(store, {}, { providers })).init();
    const events = app.get(EventsService);
    const data = { by: 'ada', approverRole: 'REVIEWER', at: 'unknown' };
    expect(await events.getEventsForAggregate('u1', 'user')).toMatchObject([{ schemaVersion: 3, data }]);
    await events.publishEvent('RequirementApproved', data, USER);
    const { events: stored } = await store.load({ type: 'user', id: 'u1' });
    expect(stored.map(({ schemaVersion }) => schemaVersion)).toEqual([1, 3]);
  });

  it('end the start with all that is wrong with them', async () => {
    const migrate = (): unknown => ({});
    const providers = registering(
      (events) => events.registerMigration('a', 1, 2, migrate),
      (events) => events.registerMigration('a', 'v1', 'v2', migrate),
      (events) => events.registerMigration('b', 2, 1, migrate),
      (events) => events.registerMigration('c', 1, 2, migrate),
      (events) => events.registerMigration('c', 3, 4, migrate),
      (events) => events.registerMigration('d', 1, 2, undefined as never),
    );
    const app = await application(createInMemoryStore(), {}, { providers });
    await expect(app.init()).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [
        { path: 'migrations.a v1→v2: from', message: expect.stringContaining('only one can begin') },
        { path: 'migrations.b 2→1: to', message: expect.stringContaining('above from') },
        { path: 'migrations.d 1→2: migrate' },
        { path: 'migrations.c', message: expect.stringContaining('gap') },
      ],
    });
  });

  it('are refused once the application has started', async () => {
    const app = await (await application(createInMemoryStore())).init();
    expect(() => app.get(EventsService).registerMigration('a', 1, 2, () => 1)).toThrow(/is sealed/);
  });

  it('are there before any handler runs, also where transports listen before the application starts', async () => {
    const store = createInMemoryStore();
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.named', data: { label: 'Ada' } });
    const seen: unknown[] = [];

    @Controller()
    class Names {
      @EventPattern('user.named')
      onNamed(@Payload() data: unknown): void {
        seen.push(['transport', data]);
      }
    }
    const providers = [
      ...registering((events) => {
        // Before the migration is registered, and not waited for.
        void events.subscribeToEvents((event) => void seen.push(['durable', event.data]), { name: 'early' });
        void events.subscribeToEvents('user.named', (event) => void seen.push(['live', event.data]), {
          from: 'beginning',
        });
      }),
      ...registering((events) => events.registerMigration('user.named', 1, 2, { rename: { label: 'name' } })),
    ];
    const app = await application(store, {}, { providers, controllers: [Names as never] });
    app.connectMicroservice({ strategy: app.get(EventsTransport) });
    await app.startAllMicroservices();
    await eventually(async () => (await store.subscriptions.get('shop.Names.onNamed')).ackPending === 1);
    expect(seen).toEqual([]);
    await app.init();
    await eventually(() => seen.length === 3);
    const data = { name: 'Ada' };
    expect(seen).toEqual(
      expect.arrayContaining([
        ['transport', data],
        ['durable', data],
        ['live', data],
      ]),
    );
  });

  it('that are wrong settle no event, and do not keep the process', async () => {
    const store = createInMemoryStore();
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.named', data: { label: 'Ada' } });
    const handler = jest.fn();
    let early: Promise<ActiveSubscription> | undefined;
    const providers = registering(
      (events) => (early = events.subscribeToEvents(handler, { name: 'early', maxDeliver: 1 })),
      (events) => events.registerMigration('user.named', 1, 1, () => 1),
    );
    const app = await application(store, {}, { providers });
    await expect(app.init()).rejects.toMatchObject({ code: 'validation-failed' });
    expect((await early!).state).toBe('stopped');
    expect(handler).not.toHaveBeenCalled();
    expect(await store.deadLetters.count()).toBe(0);
    expect(await store.subscriptions.get('early')).toMatchObject({ state: 'catching-up' });
  });

  it('that fail make dead letters, or end the subscription that wants to stop', async () => {
    const store = createInMemoryStore();
    const providers = registering((events) =>
      events.registerMigration('user.named', 1, 2, () => {
        throw new RangeError('no such name');
      }),
    );
    const app = await (await application(store, {}, { providers })).init();
    const events = app.get(EventsService);
    const handler = jest.fn();
    const durable = await events.subscribeToEvents(handler, { name: 'letters' });
    const stopping = await events.subscribeToEvents(handler, { name: 'stopping', onUpcastFailure: 'stop' });
    const live = await events.subscribeToEvents(handler);
    const liveStopping = await events.subscribeToEvents(handler, { onUpcastFailure: 'stop' });
    const ends = [stopping, liveStopping].map(({ finished }) =>
      expect(finished).rejects.toMatchObject({ code: 'upcast-failed' }),
    );
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.named', data: { label: 'Ada' } });
    await Promise.all(ends);
    await eventually(async () => (await store.deadLetters.count({ subscription: 'letters' })) === 1);
    await eventually(() => live.counts.deadLettered === 1);
    expect([durable.state, live.state, stopping.state, liveStopping.state]).toEqual([
      'active',
      'active',
      'stopped',
      'stopped',
    ]);
    expect(await store.deadLetters.count({ subscription: 'stopping' })).toBe(0);
    expect(handler).not.toHaveBeenCalled();
  });

  it('may split an event', async () => {
    const store = createInMemoryStore();
    await store.append({ type: 'user', id: 'u1' }, { type: 'user.moved', data: ['Bern', '1'] });
    const providers = registering((events) =>
      events.registerMigration<[string, string]>('user.moved', 1, 2, ([city, phone]) =>
        splitInto({ data: { city } }, { type: 'user.called', data: { phone } }),
      ),
    );
    const app = await (await application(store, {}, { providers })).init();
    expect(await app.get(EventsService).replayEvents()).toMatchObject([
      { type: 'user.moved', part: { index: 1, of: 2 } },
      { type: 'user.called', part: { index: 2, of: 2 } },
    ]);
  });
});

/** As a library makes it. */
const named: StandardSchema<{ name: string }> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) =>
      typeof (value as { name?: unknown }).name === 'string'
        ? { value: value as { name: string } }
        : { issues: [{ message: 'must be a text', path: ['name'] }] },
  },
};
const userEvents = defineEvents({ 'user.created': { schema: named } });

describe('declared events of a service', () => {
  it('are checked, by the names of the caller', async () => {
    const store = createInMemoryStore();
    const app = await (await application(store, { registry: userEvents })).init();
    const events = app.get(EventsService);
    await expect(events.publishEvent('user.created', { name: 7 }, USER)).rejects.toMatchObject({
      errors: [{ path: 'data.name', message: 'must be a text' }],
    });
    await expect(
      events.publishEvents([
        { type: 'other', data: 1 },
        { ...USER, type: 'user.created', data: {} },
      ]),
    ).rejects.toMatchObject({ errors: [{ path: 'events.1.data.name' }] });
    expect(await store.count()).toBe(0);
    await events.publishEvent('user.created', { name: 'Ada' }, USER);
  });

  it('are all that may be published where the option says so', async () => {
    const app = await (
      await application(createInMemoryStore(), { registry: userEvents, unknownTypes: 'reject' })
    ).init();
    await expect(app.get(EventsService).publishEvent('user.gone', {}, USER)).rejects.toMatchObject({
      errors: [{ path: 'type', message: expect.stringContaining('not declared') }],
    });
  });

  it('may be a registry, which is what services get by its class', async () => {
    const registry = new EventRegistry().add(userEvents);
    const app = await (await application(createInMemoryStore(), { registry })).init();
    expect(app.get(EventRegistry)).toBe(registry);
    expect(registry.isSealed).toBe(true);
  });

  it.each<[Partial<EventsModuleOptions>, string]>([
    [{ registry: { 'a b': {} } }, 'a b'],
    [{ registry: { a: { personalData: ['name'] } } }, 'a.personalData'],
    [{ unknownTypes: 'maybe' as never }, 'unknownTypes'],
    [{ registry: new EventRegistry(), unknownTypes: 'reject' }, 'unknownTypes'],
  ])('end the start when they are wrong: %j', async (options, path) => {
    await expect(application(createInMemoryStore(), options)).rejects.toMatchObject({ errors: [{ path }] });
  });

  it('give types to what is published', async () => {
    const app = await (await application(createInMemoryStore(), { registry: userEvents })).init();
    const typed = typedEvents(app.get(EventsService), userEvents);
    await typed.publishEvent('user.created', { name: 'Ada' }, USER);
    await typed.publishEvents([{ ...USER, type: 'user.created', data: { name: 'Bob' } }]);
    // @ts-expect-error: the type is not declared
    const unknown = typed.publishEvent('user.gone', { name: 'Ada' });
    // @ts-expect-error: the data do not fit
    const unfit = typed.publishEvent('user.created', { label: 'Ada' });
    await Promise.allSettled([unknown, unfit]);
    expect(await app.get(EventsService).getCurrentVersion('u1', 'user')).toBe(2);
  });
});
