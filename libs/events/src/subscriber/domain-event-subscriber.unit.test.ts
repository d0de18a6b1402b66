import { Inject, Injectable, Logger, Module, Scope, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { eventually } from '@annals/testing';
import { type DomainEvent, type DomainEventSubscriber, EventsModule, EventsService } from '../index.ts';
import { type ObservedStore, observedStore, lettersIn } from '../subscribe/observed-store.spec-support.ts';

type ReleaseReady = DomainEvent<{ release: string }>;

const apps: TestingModule[] = [];

async function start(
  providers: Type[],
  serviceName: string | undefined = 'qa',
): Promise<{ store: ObservedStore; events: EventsService; app: TestingModule }> {
  @Module({ providers, exports: providers })
  class FeatureModule {}
  @Module({ imports: [FeatureModule] })
  class OtherModule {}
  const store = observedStore();
  const app = await Test.createTestingModule({
    imports: [EventsModule.forRoot({ store, ...(serviceName && { serviceName }) }), FeatureModule, OtherModule],
    providers: providers.map((type) => ({ provide: `alias of ${type.name}`, useExisting: type })),
  }).compile();
  await app.init();
  apps.push(app);
  return { store, events: app.get(EventsService), app };
}

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe('a DomainEventSubscriber', () => {
  it('is found among the providers, once, and handles the events that it is subscribed to', async () => {
    const handled: ReleaseReady[] = [];

    @Injectable()
    class ReleaseReadySubscriber implements DomainEventSubscriber<ReleaseReady> {
      isSubscribedTo(event: DomainEvent): boolean {
        return event.eventType === 'ReleaseReadinessAchieved';
      }
      async handle(event: ReleaseReady): Promise<void> {
        handled.push(event);
      }
    }
    const { store, events } = await start([ReleaseReadySubscriber]);
    expect([...store.wanted.keys()]).toEqual(['qa.ReleaseReadySubscriber']);
    const release = { aggregateType: 'Release', aggregateId: 'r1', userId: 'ada', correlationId: 'c1' };
    await events.publishEvent('RequirementApproved', {}, release);
    const { events: sent } = await events.publishEvent('ReleaseReadinessAchieved', { release: '1.0' }, release);
    await eventually(() => handled.length === 1);
    const [stored] = await events.getEventsByType('ReleaseReadinessAchieved');
    expect(handled[0]).toEqual({
      eventId: sent[0]!.messageId,
      eventType: 'ReleaseReadinessAchieved',
      aggregateId: 'r1',
      aggregateType: 'Release',
      version: 2,
      tenantId: 'default',
      occurredAt: stored!.timestamp,
      recordedAt: stored!.recordedAt,
      data: { release: '1.0' },
      schemaVersion: 1,
      correlationId: 'c1',
      userId: 'ada',
      metadata: {},
      position: stored!.position,
    });
  });

  it('has the server select what it names, and is subscribed as it says', async () => {
    @Injectable()
    class Subscriber implements DomainEventSubscriber {
      readonly subscribedTo = ['Release*', 'release.>'].slice(1);
      readonly subscription = { name: 'releases', mode: 'ordered' } as const;
      isSubscribedTo = () => true;
      handle(): void {}
    }
    const { store } = await start([Subscriber]);
    expect(store.wanted.get('releases')).toMatchObject({ mode: 'ordered', filter: { eventTypes: ['release.>'] } });
  });

  it('fails an attempt where isSubscribedTo throws, and is tried again', async () => {
    const attempts: number[] = [];

    @Injectable()
    class Subscriber implements DomainEventSubscriber {
      readonly subscription = { backoffMs: [0], maxDeliver: 2 };
      isSubscribedTo(): boolean {
        attempts.push(attempts.length);
        throw new Error('not ready');
      }
      handle(): void {}
    }
    const { store, events } = await start([Subscriber]);
    await events.publishEvent('a', {});
    const letters = await lettersIn(store);
    expect(attempts).toHaveLength(2);
    expect(letters[0]).toMatchObject({ reason: 'not ready' });
  });

  it('does not take a promise of false for true', async () => {
    let handled = 0;
    let asked = 0;

    @Injectable()
    class Subscriber implements DomainEventSubscriber {
      isSubscribedTo = (async () => (asked += 1) > 1) as unknown as () => boolean;
      handle(): void {
        handled += 1;
      }
    }
    const { events } = await start([Subscriber]);
    await events.publishEvents(['a', 'b'].map((type) => ({ type, data: {} })));
    await eventually(() => handled === 1);
    expect(asked).toBe(2);
  });

  it('publishes in the chain of the event that it handles', async () => {
    @Injectable()
    class Subscriber implements DomainEventSubscriber {
      readonly subscribedTo = 'a';
      constructor(@Inject(EventsService) private readonly events: EventsService) {}
      isSubscribedTo = () => true;
      async handle(): Promise<void> {
        await this.events.publishEvent('b', {});
      }
    }
    const { store, events } = await start([Subscriber]);
    const { events: sent } = await events.publishEvent('a', {});
    await eventually(async () => (await store.count()) === 2);
    expect((await events.getEventsByType('b'))[0]).toMatchObject({ causationId: sent[0]!.messageId });
  });

  it('is refused at the start when it is of request scope, misspelt, or nothing names the service', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest implements DomainEventSubscriber {
      isSubscribedTo(): boolean {
        return true;
      }
      handle(): void {}
    }
    @Injectable()
    class Misspelt implements DomainEventSubscriber {
      readonly subscription = { retries: 3 } as never;
      isSubscribedTo(): boolean {
        return true;
      }
      handle(): void {}
    }
    await expect(start([PerRequest])).rejects.toThrow(/PerRequest must be a singleton/);
    await expect(start([Misspelt])).rejects.toThrow(/Misspelt\.retries is no option/);
    await expect(start([Misspelt], '')).rejects.toThrow(/needs the name of the service/);
  });
});
