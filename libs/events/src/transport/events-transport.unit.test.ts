import { jest } from '@jest/globals';
import {
  BadRequestException,
  type CallHandler,
  type CanActivate,
  Catch,
  Controller,
  type ExceptionFilter,
  type ExecutionContext,
  Inject,
  Injectable,
  Logger,
  type NestInterceptor,
  type PipeTransform,
  Scope,
  type Type,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import {
  Ctx,
  EventPattern,
  MessagePattern,
  type MicroserviceOptions,
  Payload,
  RpcException,
  Transport,
} from '@nestjs/microservices';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { eventually } from '@annals/testing';
import { Observable, map, of, throwError } from 'rxjs';
import {
  EVENT_STORE,
  EVENTS_TRANSPORT,
  EventContext,
  type EventHandlerExtras,
  EventsModule,
  EventsService,
  EventsTransport,
  RejectEvent,
} from '../index.ts';
import { type ObservedStore, observedStore, lettersIn } from '../subscribe/observed-store.spec-support.ts';

interface Running {
  readonly app: NestFastifyApplication;
  readonly store: ObservedStore;
  readonly events: EventsService;
}

const apps: NestFastifyApplication[] = [];

/** A hybrid application with these controllers, whose handlers fail quickly. */
async function start(controllers: Type[], options: { tenantId?: string; providers?: Type[] } = {}): Promise<Running> {
  const store = observedStore();
  const { tenantId, providers = [] } = options;
  const testing = await Test.createTestingModule({
    imports: [EventsModule.forRoot({ store, serviceName: 'shop', tenantId })],
    controllers,
    providers,
  }).compile();
  const app = testing.createNestApplication<NestFastifyApplication>(new FastifyAdapter(), { logger: false });
  apps.push(app);
  app.connectMicroservice<MicroserviceOptions>({ strategy: app.get(EventsTransport) });
  await app.startAllMicroservices();
  await app.init();
  return { app, store, events: app.get(EventsService) };
}

const QUICK = { backoffMs: [0], maxDeliver: 3 } satisfies EventHandlerExtras;

beforeAll(() => Logger.overrideLogger(false));
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe('an @EventPattern handler', () => {
  it('becomes a durable subscription named by service, class and method', async () => {
    @Controller()
    class Mails {
      @EventPattern<string>('user.created', {
        mode: 'ordered',
        from: 'now',
        concurrency: 2,
      } satisfies EventHandlerExtras)
      welcome(): void {}

      @EventPattern(['user.deleted', 'vendor.*'], { filter: { aggregateType: 'user' } } satisfies EventHandlerExtras)
      goodbye(): void {}

      @EventPattern<string>('user.>', { name: 'all-of-users' } satisfies EventHandlerExtras)
      all(): void {}
    }
    const { store } = await start([Mails]);
    expect(Object.fromEntries(store.wanted)).toEqual({
      'shop.Mails.welcome': {
        name: 'shop.Mails.welcome',
        mode: 'ordered',
        from: 'now',
        concurrency: 2,
        filter: { eventTypes: ['user.created'] },
      },
      'shop.Mails.goodbye': {
        name: 'shop.Mails.goodbye',
        filter: { aggregateType: 'user', eventTypes: ['user.deleted', 'vendor.*'] },
      },
      'all-of-users': { name: 'all-of-users', filter: { eventTypes: ['user.>'] } },
    });
  });

  it("is confined to the module's tenant", async () => {
    @Controller()
    class Mails {
      @EventPattern<string>('user.created')
      welcome(): void {}
    }
    const { store } = await start([Mails], { tenantId: 'acme' });
    expect(store.wanted.get('shop.Mails.welcome')!.filter).toEqual({ eventTypes: ['user.created'], tenantId: 'acme' });
  });

  it('gets the data as payload, and the event with what is known of its delivery as context', async () => {
    const seen: { data: unknown; name: unknown; context: EventContext }[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('user.created')
      welcome(@Payload() data: unknown, @Payload('name') name: string, @Ctx() context: EventContext): void {
        seen.push({ data, name, context });
      }
    }
    const { events } = await start([Mails]);
    await events.publishEvent('user.created', { name: 'Ada' }, { aggregateType: 'user', aggregateId: '1' });
    await eventually(() => seen.length === 1);
    const [{ data, name, context }] = seen as [(typeof seen)[0]];
    expect([data, name]).toEqual([{ name: 'Ada' }, 'Ada']);
    expect(context).toBeInstanceOf(EventContext);
    expect(context.event).toMatchObject({ type: 'user.created', aggregateId: '1', version: 1 });
    expect(context).toMatchObject({
      subscription: 'shop.Mails.welcome',
      attempt: 1,
      cause: 'subscription',
      position: { sequence: 1 },
    });
    expect(context.signal.aborted).toBe(false);
  });

  it('is tried again after a failure, and fails for good with the error that was thrown', async () => {
    const attempts: number[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('user.created', QUICK)
      async welcome(@Ctx() context: EventContext): Promise<void> {
        attempts.push(context.attempt);
        if (context.event.version === 2) throw new TypeError('no mail server');
        if (context.attempt === 1) throw new Error('not yet');
      }
    }
    const { events, store } = await start([Mails]);
    const user = { aggregateType: 'user', aggregateId: '1' };
    await events.publishEvent('user.created', {}, user);
    await eventually(() => attempts.length === 2);
    await events.publishEvent('user.created', {}, user);
    const letters = await lettersIn(store);
    expect(attempts).toEqual([1, 2, 1, 2, 3]);
    expect(letters[0]).toMatchObject({
      subscription: 'shop.Mails.welcome',
      event: { version: 2 },
      kind: 'attempts-exhausted',
      error: { name: 'TypeError', message: 'no mail server' },
    });
  });

  it('may return an observable, which counts when it completes, and fails when it does', async () => {
    const done: string[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('a', QUICK)
      completes(): Observable<number> {
        return of(1, 2).pipe(map((value) => (done.push(`a${value}`), value)));
      }

      @EventPattern<string>('b', QUICK)
      fails(): Observable<never> {
        return throwError(() => new Error('in the stream'));
      }
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('a', {});
    await events.publishEvent('b', {});
    const letters = await lettersIn(store);
    expect(done).toEqual(['a1', 'a2']);
    expect(letters[0]).toMatchObject({ error: { message: 'in the stream' } });
  });

  it('lets go of an observable that takes too long', async () => {
    let left = 0;

    @Controller()
    class Mails {
      @EventPattern<string>('a', { maxDeliver: 1, handlerTimeoutMs: 20 } satisfies EventHandlerExtras)
      endless(): Observable<never> {
        return new Observable(() => () => void (left += 1));
      }
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('a', {});
    const letters = await lettersIn(store);
    await eventually(() => left === 1);
    expect(letters[0]).toMatchObject({ error: { code: 'handler-timed-out' } });
  });

  it('is tried again by itself where two have one pattern', async () => {
    const seen: string[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('user.created', QUICK)
      first(@Ctx() { attempt }: EventContext): void {
        seen.push(`first ${attempt}`);
        if (attempt < 3) throw new Error('not yet');
      }

      @EventPattern<string>('user.created', QUICK)
      second(@Ctx() { attempt }: EventContext): void {
        seen.push(`second ${attempt}`);
      }
    }
    const { events } = await start([Mails]);
    await events.publishEvent('user.created', {});
    await eventually(() => seen.length === 4);
    expect(seen.sort()).toEqual(['first 1', 'first 2', 'first 3', 'second 1']);
  });

  it('can be of a class that inherits it, and is a subscription of each class', async () => {
    const seen: string[] = [];

    class Base {
      @EventPattern(['a', 'b'])
      take(@Ctx() { event }: EventContext): void {
        seen.push(`${this.constructor.name} ${event.type}`);
      }
    }
    @Controller()
    class One extends Base {}
    @Controller()
    class Two extends Base {}
    const { events, store } = await start([One, Two]);
    expect([...store.wanted.keys()]).toEqual(['shop.One.take', 'shop.Two.take']);
    await events.publishEvent('b', {});
    await eventually(() => seen.length === 2);
    expect(seen.sort()).toEqual(['One b', 'Two b']);
  });

  it('can be of request scope', async () => {
    const seen: string[] = [];

    @Controller({ scope: Scope.REQUEST })
    class Mails {
      @EventPattern(['a', 'b'], QUICK)
      take(@Ctx() { event, attempt }: EventContext): void {
        seen.push(`${event.type} ${attempt}`);
        if (attempt === 1) throw new Error('not yet');
      }
    }
    const { events } = await start([Mails]);
    await events.publishEvent('b', {});
    await eventually(() => seen.length === 2);
    expect(seen).toEqual(['b 1', 'b 2']);
  });

  it('publishes in the chain of the event that it handles', async () => {
    @Controller()
    class Mails {
      constructor(@Inject(EventsService) private readonly events: EventsService) {}

      @EventPattern<string>('user.created')
      async welcome(): Promise<void> {
        await this.events.publishEvent('mail.sent', {});
      }
    }
    const { events, store } = await start([Mails]);
    const sent = await events.publishEvent('user.created', {}, { userId: 'ada', tenantId: 'acme' });
    const [messageId] = sent.events.map((event) => event.messageId);
    await eventually(async () => (await store.count({ eventTypes: ['mail.sent'] })) === 1);
    const [mail] = await events.getEventsByType('mail.sent', { tenantId: 'acme' });
    expect(mail).toMatchObject({ correlationId: messageId, causationId: messageId, userId: 'ada', tenantId: 'acme' });
  });
});

describe("Nest's enhancers", () => {
  @Injectable()
  class OnlyAdults implements PipeTransform {
    transform(value: unknown): unknown {
      const { age } = value as { age?: number };
      if (age !== undefined && age < 18) throw new BadRequestException(['age must not be less than 18']);
      return value;
    }
  }

  it('are run: guards, interceptors and pipes', async () => {
    const steps: string[] = [];

    @Injectable()
    class Guard implements CanActivate {
      canActivate(context: ExecutionContext): boolean {
        steps.push(`guard ${context.switchToRpc().getContext<EventContext>().event.type}`);
        return true;
      }
    }
    @Injectable()
    class Interceptor implements NestInterceptor {
      intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
        steps.push('before');
        return next.handle().pipe(map((value: unknown) => (steps.push('after'), value)));
      }
    }
    @Controller()
    @UseGuards(Guard)
    class Mails {
      @EventPattern<string>('a')
      @UseInterceptors(Interceptor)
      @UsePipes({ transform: (value: unknown) => (steps.push('pipe'), value) })
      take(@Payload() _data: unknown): void {
        steps.push('handler');
      }
    }
    const { events } = await start([Mails], { providers: [Guard, Interceptor] });
    await events.publishEvent('a', {});
    await eventually(() => steps.length === 5);
    expect(steps).toEqual(['guard a', 'before', 'pipe', 'handler', 'after']);
  });

  it('make a dead letter at once of data that a pipe refuses, with what is wrong', async () => {
    @Controller()
    class Mails {
      @EventPattern<string>('a', QUICK)
      take(@Payload(OnlyAdults) _data: unknown): void {}
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('a', { age: 12 });
    const letters = await lettersIn(store);
    expect(letters[0]).toMatchObject({
      kind: 'rejected',
      reason: expect.stringContaining('age must not be less than 18'),
      error: { name: 'BadRequestException' },
    });
  });

  it.each([
    ['RejectEvent', () => new RejectEvent('there is no such list'), 'there is no such list'],
    ['an RpcException', () => new RpcException({ message: 'unknown list', deadLetter: true }), 'unknown list'],
    ['an error of the application', () => Object.assign(new Error('no list'), { deadLetter: true }), 'no list'],
  ])('make a dead letter at once of %s', async (_name, failure, reason) => {
    @Controller()
    class Mails {
      @EventPattern<string>('a', QUICK)
      take(): void {
        throw failure();
      }
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('a', {});
    const letters = await lettersIn(store);
    expect(letters[0]).toMatchObject({ kind: 'rejected', reason });
  });

  it('fail the attempt where a guard refuses', async () => {
    let handled = false;

    @Controller()
    class Mails {
      @UseGuards({ canActivate: () => false })
      @EventPattern<string>('a', QUICK)
      take(): void {
        handled = true;
      }
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('a', {});
    const letters = await lettersIn(store);
    expect(letters[0]).toMatchObject({ kind: 'attempts-exhausted', reason: 'Forbidden resource' });
    expect(handled).toBe(false);
  });

  it('may answer for a failure: a filter whose result is no error makes the event handled', async () => {
    const caught: unknown[] = [];

    @Catch()
    class Forgiving implements ExceptionFilter {
      catch(error: Error): Observable<unknown> {
        caught.push(error.message);
        return error.message === 'forgiven' ? of(undefined) : throwError(() => new Error('as the filter says'));
      }
    }
    @Controller()
    @UseFilters(Forgiving)
    class Mails {
      @EventPattern<string>('*', QUICK)
      take(@Ctx() { event }: EventContext): void {
        throw new Error(event.type);
      }
    }
    const { events, store } = await start([Mails]);
    await events.publishEvent('forgiven', {});
    await events.publishEvent('other', {});
    const letters = await lettersIn(store);
    expect(caught.filter((message) => message === 'forgiven')).toHaveLength(1);
    expect(letters[0]).toMatchObject({ event: { type: 'other' }, reason: 'as the filter says' });
  });
});

describe('the start of the transport', () => {
  const failure = async (...controllers: Type[]) => {
    const started = start(controllers);
    return started.then(
      () => undefined,
      (error: { errors: { path: string; message: string }[] }) => error.errors,
    );
  };

  it('is refused with every handler that cannot be served', async () => {
    @Controller()
    class Wrong {
      @EventPattern<string>('user.created', { maxDeliver: 0, retries: 3 })
      misspelt(): void {}

      @EventPattern({ cmd: 'x' })
      object(): void {}

      @EventPattern<string>('a', { name: 'same' })
      one(): void {}

      @EventPattern<string>('b', { name: 'same' })
      two(): void {}
    }
    expect(await failure(Wrong)).toEqual([
      { path: 'Wrong.misspelt.retries', message: expect.stringContaining('is no option of an event handler') },
      { path: 'Wrong.misspelt.maxDeliver', message: expect.stringContaining('1 to 1,000') },
      { path: 'Wrong.object.filter.eventTypes.0', message: expect.stringContaining('event type') },
      { path: 'Wrong.two.name', message: expect.stringContaining('same is the name of Wrong.one too') },
    ]);
  });

  it("refuses @MessagePattern and names Nest's own NATS transport", async () => {
    @Controller()
    class Queries {
      @MessagePattern('vendors.find')
      find(): void {}
    }
    expect(await failure(Queries)).toEqual([
      { path: 'Queries.find', message: expect.stringContaining("@MessagePattern('vendors.find', Transport.NATS)") },
    ]);
  });

  it('leaves handlers alone that are bound to another transport, and takes those that are bound to it', async () => {
    @Controller()
    class Queries {
      @MessagePattern('vendors.find', Transport.NATS)
      find(): void {}

      @EventPattern<string>('vendor.*', EVENTS_TRANSPORT, QUICK)
      take(): void {}
    }
    const { store } = await start([Queries]);
    expect([...store.wanted.keys()]).toEqual(['shop.Queries.take']);
  });
});

describe('the end of the transport', () => {
  it('waits for handlers, and tells its status', async () => {
    let release!: () => void;
    const steps: string[] = [];

    @Controller()
    class Mails {
      @EventPattern<string>('a')
      async take(): Promise<void> {
        steps.push('begun');
        await new Promise<void>((resolve) => (release = resolve));
        steps.push('ended');
      }
    }
    const { app, events } = await start([Mails]);
    const transport = app.get(EventsTransport);
    const statuses: string[] = [];
    transport.status.subscribe((status) => statuses.push(status));
    await events.publishEvent('a', {});
    await eventually(() => steps.length === 1);
    const closed = app.close().then(() => steps.push('closed'));
    release();
    await closed;
    expect(steps).toEqual(['begun', 'ended', 'closed']);
    expect(statuses).toEqual(['connected', 'disconnected']);
  });

  it('tells when a subscription ended that nobody stopped', async () => {
    @Controller()
    class Mails {
      @EventPattern<string>('a')
      take(): void {}
    }
    const { app, store } = await start([Mails]);
    const failed = jest.fn();
    app.get(EventsTransport).on('failed', failed);
    await store.subscriptions.delete('shop.Mails.take');
    await eventually(() => failed.mock.calls.length === 1);
    expect(failed).toHaveBeenCalledWith('shop.Mails.take', expect.objectContaining({ code: 'subscription-not-found' }));
    expect(app.get(EventsTransport).unwrap()).toBe(app.get(EVENT_STORE));
  });
});
