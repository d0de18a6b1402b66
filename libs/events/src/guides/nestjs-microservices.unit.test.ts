// The snippets of docs/guides/nestjs-microservices.md: each region stands there word for word.
import { Inject, Injectable, Logger, Module } from '@nestjs/common';
import { MessagePattern } from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { createInMemoryStore, eventually } from '@annals/testing';
import { type EventStore, EventsClient, EventsModule, EventsService } from '../index.ts';

interface UserCreated {
  readonly name: string;
  readonly email: string;
}

@Injectable()
class Mails {
  readonly sent: string[] = [];
  failures = 0;

  async send(to: string): Promise<void> {
    if (this.failures > 0) {
      this.failures -= 1;
      throw new Error('no mail server');
    }
    this.sent.push(to);
  }
}

// #region handler
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { EventContext } from '../index.ts';

@Controller()
export class MailsController {
  constructor(@Inject(Mails) private readonly mails: Mails) {}

  @EventPattern<string>('user.created')
  async welcome(@Payload() user: UserCreated, @Ctx() context: EventContext<UserCreated>): Promise<void> {
    const { messageId, tenantId, version } = context.event;
    Logger.debug(`${messageId}, version ${version} in ${tenantId}, attempt ${context.attempt}`);
    await this.mails.send(user.email);
  }
}
// #endregion

// #region extras
import type { EventHandlerExtras } from '../index.ts';

const IN_ORDER = {
  mode: 'ordered',
  concurrency: 8,
  maxDeliver: 10,
  backoffMs: [500, 5_000, 60_000],
} satisfies EventHandlerExtras;

@Controller()
export class SearchController {
  private readonly names = new Map<string, string>();

  @EventPattern(['user.created', 'user.renamed', 'user.deleted'], IN_ORDER)
  index(@Ctx() { event }: EventContext<{ name: string }>): void {
    if (event.type === 'user.deleted') this.names.delete(event.aggregateId!);
    else this.names.set(event.aggregateId!, event.data.name);
  }
}
// #endregion

// #region reject
import { RejectEvent } from '../index.ts';

@Controller()
export class InvoicesController {
  @EventPattern<string>('order.placed')
  async invoice(@Ctx() context: EventContext<{ currency: string }>): Promise<void> {
    const { currency } = context.event.data;
    if (currency === 'XXX') throw new RejectEvent(`nobody can pay in ${currency}`);
    if (await isClosedForToday()) context.retry({ delayMs: 60 * 60_000, reason: 'the books are closed' });
  }
}
// #endregion

async function isClosedForToday(): Promise<boolean> {
  return false;
}

// #region chain
@Controller()
export class AccountsController {
  constructor(@Inject(EventsService) private readonly events: EventsService) {}

  @EventPattern<string>('user.created')
  async open(@Ctx() { event }: EventContext): Promise<void> {
    const account = { aggregateType: 'account', aggregateId: event.aggregateId, expectedVersion: 'none' } as const;
    await this.events.publishEvent(
      'account.opened',
      { balance: 0 },
      { ...account, messageId: `open-${event.messageId}` },
    );
  }
}
// #endregion

// #region interceptor
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { Observable } from 'rxjs';
import { runInCorrelation } from '../index.ts';

/** What a request publishes belongs to the chain that its header names. */
@Injectable()
export class CorrelationInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, string | undefined> }>();
    const correlationId = headers['x-correlation-id'];
    if (correlationId === undefined) return next.handle();
    return new Observable((subscriber) =>
      runInCorrelation({ correlationId, userId: headers['x-user-id'] }, () => next.handle().subscribe(subscriber)),
    );
  }
}
// #endregion

// #region client
import { lastValueFrom } from 'rxjs';
import { EventRecordBuilder, isConcurrencyError } from '../index.ts';

@Injectable()
export class RegistrationService {
  constructor(@Inject(EventsClient) private readonly events: EventsClient) {}

  async register(id: string, user: UserCreated): Promise<'done' | 'exists'> {
    const record = new EventRecordBuilder(user).setAggregate('user', id).setExpectedVersion('none').build();
    try {
      await lastValueFrom(this.events.emit('user.created', record));
      return 'done';
    } catch (error) {
      if (isConcurrencyError(error)) return 'exists';
      throw error;
    }
  }
}
// #endregion

// #region subscriber
import type { DomainEvent, DomainEventSubscriber } from '../index.ts';

type ReleaseReadinessAchieved = DomainEvent<{ readonly release: string }>;

@Injectable()
export class DeploymentSubscriber implements DomainEventSubscriber<ReleaseReadinessAchieved> {
  readonly subscribedTo = 'ReleaseReadinessAchieved';
  readonly subscription = { mode: 'ordered', maxDeliver: 10 } as const;
  readonly deployed: string[] = [];

  isSubscribedTo(event: DomainEvent): boolean {
    return event.eventType === 'ReleaseReadinessAchieved';
  }

  async handle(event: ReleaseReadinessAchieved): Promise<void> {
    this.deployed.push(`${event.aggregateId}: ${event.data.release}`);
  }
}
// #endregion

// #region message
import { Transport } from '@nestjs/microservices';
import { EVENTS_TRANSPORT } from '../index.ts';

@Controller()
export class UsersController {
  @EventPattern<string>('user.created', EVENTS_TRANSPORT)
  count(): void {}

  @MessagePattern('users.find', Transport.NATS)
  find(@Payload() { id }: { id: string }): { id: string } {
    return { id };
  }
}
// #endregion

@Module({
  controllers: [MailsController, SearchController, InvoicesController, AccountsController, UsersController],
  providers: [Mails, RegistrationService, DeploymentSubscriber],
})
class FeaturesModule {}

const store: EventStore = createInMemoryStore();

@Module({ imports: [EventsModule.forRoot({ store, serviceName: 'shop' }), FeaturesModule] })
class AppModule {}

// #region hybrid
import type { INestApplication } from '@nestjs/common';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { EventsTransport } from '../index.ts';

export async function startHandling(app: INestApplication): Promise<void> {
  app.enableShutdownHooks();
  app.connectMicroservice<MicroserviceOptions>({ strategy: app.get(EventsTransport) });
  await app.startAllMicroservices();
}
// #endregion

// #region pure
import { NestFactory } from '@nestjs/core';

export async function startWithoutHttp(): Promise<{ close(): Promise<void> }> {
  const app = await NestFactory.createMicroservice(AppModule, {
    useFactory: (transport: EventsTransport) => ({ strategy: transport }),
    inject: [EventsTransport],
    logger: ['error', 'warn'],
  });
  app.enableShutdownHooks();
  await app.listen();
  return app;
}
// #endregion

// #region callback
export async function countUsers(events: EventsService): Promise<() => number> {
  let seen = 0;
  await events.subscribeToEvents('user.*', () => void (seen += 1));
  return () => seen;
}

export async function keepRegister(events: EventsService, register: Map<string, string>): Promise<void> {
  await events.subscribeToEvents<UserCreated>(
    'user.created',
    ({ aggregateId, data }) => void register.set(aggregateId!, data.name),
    { name: 'shop.register', mode: 'ordered' },
  );
}
// #endregion

describe('the snippets', () => {
  let app: NestFastifyApplication;
  let events: EventsService;
  const user = { aggregateType: 'user', aggregateId: 'u1' };

  beforeAll(async () => {
    Logger.overrideLogger(false);
    const testing = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
    await startHandling(app);
    await app.init();
    events = app.get(EventsService);
  });
  afterAll(() => app.close());

  const find = async (type: string) => (await events.getEventsByType(type))[0];

  it('handle events, try again, and publish in the chain', async () => {
    const mails = app.get(Mails, { strict: false });
    mails.failures = 1;
    const count = await countUsers(events);
    const register = new Map<string, string>();
    const ada = { name: 'Ada', email: 'ada@example.com' };
    expect(await app.get(RegistrationService, { strict: false }).register('u1', ada)).toBe('done');
    expect(await app.get(RegistrationService, { strict: false }).register('u1', ada)).toBe('exists');
    await keepRegister(events, register);
    await eventually(() => mails.sent.length === 1 && count() === 1 && register.size === 1, { deadlineMs: 10_000 });
    await eventually(async () => (await find('account.opened')) !== undefined);
    const created = await find('user.created');
    expect(await find('account.opened')).toMatchObject({
      messageId: `open-${created!.messageId}`,
      causationId: created!.messageId,
      correlationId: created!.correlationId,
    });
    expect(mails.sent).toEqual(['ada@example.com']);
  });

  it('reject what cannot be handled', async () => {
    await events.publishEvent('order.placed', { currency: 'XXX' }, user);
    await eventually(
      async () => (await store.deadLetters.count({ subscription: 'shop.InvoicesController.invoice' })) === 1,
    );
  });

  it('find typed subscribers', async () => {
    const release = { aggregateType: 'Release', aggregateId: 'r1' };
    await events.publishEvent('ReleaseReadinessAchieved', { release: '2.0' }, release);
    const { deployed } = app.get(DeploymentSubscriber, { strict: false });
    await eventually(() => deployed.length === 1);
    expect(deployed).toEqual(['r1: 2.0']);
  });

  it('take the correlation from a header', async () => {
    const request = { headers: { 'x-correlation-id': 'c-7', 'x-user-id': 'ada' } };
    const context = { switchToHttp: () => ({ getRequest: () => request }) } as unknown as ExecutionContext;
    const handle = () =>
      new Observable((subscriber) => {
        void events.publishEvent('request.handled', {}).then(() => subscriber.complete());
      });
    await lastValueFrom(new CorrelationInterceptor().intercept(context, { handle }), { defaultValue: undefined });
    expect(await find('request.handled')).toMatchObject({ correlationId: 'c-7', userId: 'ada' });
  });

  it('run without HTTP, beside the first as another replica', async () => {
    const handled = async () => (await store.subscriptions.get('shop.AccountsController.open')).waiting;
    const before = await handled();
    const started = await startWithoutHttp();
    expect(await handled()).toBe(before + 1);
    await started.close();
    expect(await handled()).toBe(before);
  });
});
