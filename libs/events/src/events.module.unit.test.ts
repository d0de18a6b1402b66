import { Inject, Injectable, Module } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import type { EventStore } from '@annals/core';
import { createInMemoryStore } from '@annals/testing';
import {
  EVENT_STORE,
  EventsHealthIndicator,
  EventsModule,
  type EventsModuleOptions,
  type EventsOptionsFactory,
  EventsService,
  type IEventsService,
} from './index.ts';

@Injectable()
class VendorsService {
  constructor(
    @Inject('EventsService') readonly byToken: IEventsService,
    @Inject(EventsService) readonly byClass: EventsService,
  ) {}
}

@Module({ providers: [VendorsService], exports: [VendorsService] })
class VendorsModule {}

const SETTINGS = 'settings';

@Module({ providers: [{ provide: SETTINGS, useFactory: () => ({ tenantId: 'acme' }) }], exports: [SETTINGS] })
class SettingsModule {}

async function publishedTenant(module: ReturnType<typeof EventsModule.forRoot>, store: EventStore): Promise<unknown> {
  const app = await Test.createTestingModule({ imports: [module] }).compile();
  await app.get(EventsService).publishEvent('user.created', {});
  await app.close();
  for await (const event of store.readAll()) return event.tenantId;
  return undefined;
}

describe('EventsModule', () => {
  it('gives every module the same service, by class and by the token of its interface', async () => {
    const app = await Test.createTestingModule({
      imports: [EventsModule.forRoot({ store: createInMemoryStore() }), VendorsModule],
    }).compile();
    const { byToken, byClass } = app.get(VendorsService, { strict: false });
    expect(byToken).toBe(byClass);
    expect(byClass).toBeInstanceOf(EventsService);
    await app.close();
  });

  it('is not global when told so', async () => {
    const local = EventsModule.forRoot({ store: createInMemoryStore(), isGlobal: false });
    const elsewhere = Test.createTestingModule({ imports: [local, VendorsModule] }).compile();
    await expect(elsewhere).rejects.toThrow(/can't resolve dependencies of the VendorsService/);

    @Module({ imports: [local], providers: [VendorsService] })
    class ImportingModule {}
    const app = await Test.createTestingModule({ imports: [ImportingModule] }).compile();
    expect(app.get(VendorsService).byToken).toBeInstanceOf(EventsService);
    await app.close();
  });

  it('offers the store and the health indicator', async () => {
    const store = createInMemoryStore();
    const app = await Test.createTestingModule({ imports: [EventsModule.forRoot({ store })] }).compile();
    await app.get(EventsService).publishEvent('user.created', {});
    expect(await app.get<EventStore>(EVENT_STORE).count()).toBe(1);
    expect(await store.count()).toBe(1);
    expect(await app.get(EventsHealthIndicator).check()).toMatchObject({ status: 'up' });
    await app.close();
  });

  it('leaves a store open that was handed in', async () => {
    const store = createInMemoryStore();
    const app = await Test.createTestingModule({ imports: [EventsModule.forRoot({ store })] }).compile();
    await app.init();
    await app.close();
    expect(await store.status()).toMatchObject({ state: 'ready' });
  });

  it('opens none where a test puts another in its place', async () => {
    const store = createInMemoryStore();
    const module = EventsModule.forRoot({ servers: 'nats://127.0.0.1:1' });
    const app = await Test.createTestingModule({ imports: [module] })
      .overrideProvider(EVENT_STORE)
      .useValue(store)
      .compile();
    await app.get(EventsService).publishEvent('user.created', {});
    expect(await store.count()).toBe(1);
    await app.close();
  });

  it('refuses a retention for a store that was handed in', async () => {
    const module = EventsModule.forRoot({ store: createInMemoryStore(), eventRetentionDays: 30 });
    await expect(Test.createTestingModule({ imports: [module] }).compile()).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [{ path: 'eventRetentionDays' }],
    });
  });

  it('names every wrong option at the start', async () => {
    const module = EventsModule.forRoot({ store: createInMemoryStore(), tenantId: '', eventRetentionDays: -1 });
    await expect(Test.createTestingModule({ imports: [module] }).compile()).rejects.toMatchObject({
      code: 'validation-failed',
      errors: [{ path: 'tenantId' }, { path: 'eventRetentionDays' }],
    });
  });
});

describe('EventsModule.forRootAsync', () => {
  const store = createInMemoryStore;

  it('takes its options from a factory that gets what it injects', async () => {
    const own = store();
    const module = EventsModule.forRootAsync({
      imports: [SettingsModule],
      inject: [SETTINGS],
      useFactory: async (settings: { tenantId: string }) => ({ ...settings, store: own }),
    });
    expect(await publishedTenant(module, own)).toBe('acme');
  });

  it('takes its options from a class that it makes', async () => {
    const own = store();

    @Injectable()
    class MyOptions implements EventsOptionsFactory {
      constructor(@Inject(SETTINGS) private readonly settings: { tenantId: string }) {}
      createEventsOptions(): EventsModuleOptions {
        return { ...this.settings, store: own };
      }
    }
    const module = EventsModule.forRootAsync({ imports: [SettingsModule], useClass: MyOptions });
    expect(await publishedTenant(module, own)).toBe('acme');
  });

  it('takes its options from a provider that exists', async () => {
    const own = store();

    @Injectable()
    class MyOptions implements EventsOptionsFactory {
      createEventsOptions(): EventsModuleOptions {
        return { tenantId: 'existing', store: own };
      }
    }
    @Module({ providers: [MyOptions], exports: [MyOptions] })
    class MyOptionsModule {}
    const module = EventsModule.forRootAsync({ imports: [MyOptionsModule], useExisting: MyOptions });
    expect(await publishedTenant(module, own)).toBe('existing');
  });

  it('is global unless told otherwise', async () => {
    const useFactory = (): EventsModuleOptions => ({ store: store() });
    const app = await Test.createTestingModule({
      imports: [EventsModule.forRootAsync({ useFactory }), VendorsModule],
    }).compile();
    expect(app.get(VendorsService, { strict: false }).byToken).toBeInstanceOf(EventsService);
    await app.close();
    const local = EventsModule.forRootAsync({ isGlobal: false, useFactory });
    await expect(Test.createTestingModule({ imports: [local, VendorsModule] }).compile()).rejects.toThrow(
      /can't resolve dependencies/,
    );
  });
});
