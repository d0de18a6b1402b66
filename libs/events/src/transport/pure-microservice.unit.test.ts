import { Controller, Inject, Logger, Module, type Type, forwardRef } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Ctx, EventPattern, type MicroserviceOptions } from '@nestjs/microservices';
import { EventContext, type EventHandlerExtras, EventsModule, EventsService, EventsTransport } from '../index.ts';
import { observedStore, lettersIn } from '../subscribe/observed-store.spec-support.ts';

const seen: string[] = [];

@Controller()
class Mails {
  @EventPattern<string>('user.created', { backoffMs: [0], maxDeliver: 2 } satisfies EventHandlerExtras)
  welcome(@Ctx() { event, attempt }: EventContext): void {
    seen.push(`${event.type} ${attempt}`);
    throw new Error('no mail server');
  }
}

@Module({ controllers: [Mails] })
class MailsModule {}

@Module({ imports: [forwardRef(() => MailsModule)] })
class FeatureModule {}

@Module({ imports: [MailsModule] })
class OtherModule {}

@Module({ imports: [{ module: FeatureModule, imports: [OtherModule] }, MailsModule] })
class AppModule {}

beforeAll(() => Logger.overrideLogger(false));
beforeEach(() => void seen.splice(0));

describe('a microservice without HTTP', () => {
  it('can be made with a transport of its own, which finds the handlers under the root module', async () => {
    const store = observedStore();
    const strategy = new EventsTransport({ store, serviceName: 'mail', module: AppModule, tenantId: 'acme' });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
    await app.listen();
    expect(Object.fromEntries(store.wanted)).toEqual({
      'mail.Mails.welcome': expect.objectContaining({ filter: { eventTypes: ['user.created'], tenantId: 'acme' } }),
    });
    await store.append({ type: 'user', id: '1', tenantId: 'acme' }, { type: 'user.created', data: {} });
    const letters = await lettersIn(store);
    expect(seen).toEqual(['user.created 1', 'user.created 2']);
    expect(letters[0]).toMatchObject({ error: { message: 'no mail server' } });
    await app.close();
    expect(await store.status()).toMatchObject({ state: 'ready' });
  });

  it('can take the transport of its EventsModule', async () => {
    const store = observedStore();

    @Module({ imports: [EventsModule.forRoot({ store, serviceName: 'mail' }), AppModule] })
    class WithEvents {
      constructor(@Inject(EventsService) readonly events: EventsService) {}
    }
    const app = await NestFactory.createMicroservice(WithEvents, {
      useFactory: (transport: EventsTransport) => ({ strategy: transport }),
      inject: [EventsTransport],
      logger: false,
    });
    await app.listen();
    await app.get(EventsService).publishEvent('user.created', {});
    const letters = await lettersIn(store);
    expect(letters[0]).toMatchObject({ subscription: 'mail.Mails.welcome' });
    await app.close();
  });

  it('is refused when a controller is in two modules, whose instances would share their events', async () => {
    @Module({ controllers: [Mails] })
    class Again {}
    @Module({ imports: [AppModule, Again] })
    class Twice {}
    const strategy = new EventsTransport({ store: observedStore(), serviceName: 'mail', module: Twice });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(Twice, { strategy, logger: false });
    await expect(app.listen()).rejects.toThrow(/mail\.Mails\.welcome is the name of Mails\.welcome too/);
    await app.close();
  });

  it('is refused with the way out when its controllers are not under the module that was given', async () => {
    @Module({})
    class Elsewhere {}
    const start = async (module: Type) => {
      const strategy = new EventsTransport({ store: observedStore(), serviceName: 'mail', module });
      const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
      await app.listen().finally(() => app.close());
    };
    await expect(start(Elsewhere)).rejects.toThrow(
      /give it the root module, or take the transport from the application/,
    );
  });
});
