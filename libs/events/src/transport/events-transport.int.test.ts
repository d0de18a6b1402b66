import { Controller, Inject, Logger, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ClientsModule, Ctx, EventPattern, type MicroserviceOptions, Payload } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { lastValueFrom } from 'rxjs';
import {
  EventContext,
  type EventHandlerExtras,
  EventRecordBuilder,
  EventsClient,
  EventsHealthIndicator,
  EventsModule,
  EventsService,
  EventsTransport,
} from '../index.ts';
import { lettersIn } from '../subscribe/observed-store.spec-support.ts';

const TRACE = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };
const handled: string[] = [];
let failing = false;

@Controller()
class Accounts {
  constructor(@Inject(EventsService) private readonly events: EventsService) {}

  @EventPattern(['user.created', 'user.deleted'], {
    mode: 'ordered',
    maxDeliver: 2,
    backoffMs: [10],
  } satisfies EventHandlerExtras)
  async follow(@Payload() { name }: { name: string }, @Ctx() { event, attempt }: EventContext): Promise<void> {
    handled.push(`${event.type} ${name} ${attempt}`);
    if (failing) throw new TypeError(`no account for ${name}`);
    await this.events.publishEvent('account.changed', { name });
  }
}

beforeAll(() => Logger.overrideLogger(false));

describe('the events transport on a real server', () => {
  let server: TestNatsServer;

  beforeEach(async () => {
    server = await startNatsServer();
    handled.length = 0;
    failing = false;
  });
  afterEach(() => server.stop());

  async function start(): Promise<{ app: NestFastifyApplication; events: EventsService; transport: EventsTransport }> {
    const testing = await Test.createTestingModule({
      imports: [EventsModule.forRoot({ servers: server.url, serviceName: 'shop' })],
      controllers: [Accounts],
    }).compile();
    const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    const transport = app.get(EventsTransport);
    app.connectMicroservice<MicroserviceOptions>({ strategy: transport });
    await app.startAllMicroservices();
    await app.init();
    return { app, transport, events: app.get(EventsService) };
  }
  const user = { aggregateType: 'user', aggregateId: 'u1' };

  it('goes on where it was after a restart, and carries chain and trace on through the store', async () => {
    const first = await start();
    const cause = await first.events.publishEvent(
      'user.created',
      { name: 'Ada' },
      { ...user, tenantId: 'acme', userId: 'support', traceContext: TRACE },
    );
    await eventually(
      async () => (await first.events.getEventsByType('account.changed', { tenantId: 'acme' })).length > 0,
    );
    await first.app.close();

    const second = await start();
    await second.events.publishEvent('user.deleted', { name: 'Ada' }, user);
    await eventually(() => handled.length === 2);
    const [changed] = await second.events.getEventsByType('account.changed', { tenantId: 'acme' });
    expect(handled).toEqual(['user.created Ada 1', 'user.deleted Ada 1']);
    expect(changed).toMatchObject({
      causationId: cause.events[0]!.messageId,
      userId: 'support',
      traceContext: TRACE,
    });
    await second.app.close();
  });

  it('makes a dead letter with the error of the handler, and tells how the subscription does', async () => {
    failing = true;
    const { app, events, transport } = await start();
    await events.publishEvent('user.created', { name: 'Bea' }, user);
    const letters = await lettersIn(transport.unwrap());
    expect(letters).toMatchObject([
      {
        subscription: 'shop.Accounts.follow',
        kind: 'attempts-exhausted',
        attempts: 2,
        error: { name: 'TypeError', message: 'no account for Bea' },
      },
    ]);
    expect(handled).toEqual(['user.created Bea 1', 'user.created Bea 2']);
    const health = await app.get(EventsHealthIndicator).check();
    expect(health).toMatchObject({ status: 'up', subscriptions: { 'shop.Accounts.follow': expect.any(String) } });
    await app.close();
  });

  it('opens and closes a store of its own, as a ClientProxy does', async () => {
    const seen: unknown[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('user.created')
      welcome(@Payload() data: unknown): void {
        seen.push(data);
      }
    }
    @Module({
      imports: [
        ClientsModule.register([{ name: 'EVENTS', customClass: EventsClient, options: { servers: server.url } }]),
      ],
      controllers: [Mails],
    })
    class AppModule {}
    const strategy = new EventsTransport({ servers: server.url, serviceName: 'mail', module: AppModule });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(AppModule, { strategy, logger: false });
    await app.listen();
    const record = new EventRecordBuilder({ name: 'Ada' })
      .setAggregate('user', 'u1')
      .setExpectedVersion('none')
      .build();
    const result = await lastValueFrom(app.get<EventsClient>('EVENTS').emit('user.created', record));
    expect(result.heads).toMatchObject([{ version: 1 }]);
    await eventually(() => seen.length === 1);
    expect(seen).toEqual([{ name: 'Ada' }]);
    await app.close();
    expect(() => strategy.unwrap()).toThrow(/not open/);
  });

  it('is not started where no server answers', async () => {
    await server.stop();
    @Module({})
    class Empty {}
    const strategy = new EventsTransport({ servers: server.url, serviceName: 'mail', module: Empty });
    const app = await NestFactory.createMicroservice<MicroserviceOptions>(Empty, { strategy, logger: false });
    await expect(app.listen()).rejects.toMatchObject({ code: 'store-unavailable' });
    await app.close();
  });
});
