import {
  type EventHandler,
  type EventStore,
  type HandlerContext,
  type HandlingOptions,
  type RecordedEvent,
  type SubscriptionOptions,
  ValidationError,
  type ValidationProblem,
  isThenable,
  matchesPattern,
} from '@annals/core';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable } from 'rxjs';
import { DEFAULT_SHUTDOWN_TIMEOUT_MS } from '../options/service-options.ts';
import { type HandlerService, checkDistinctNames, durableOptions } from '../subscribe/handler-options.ts';
import { type RunningSubscriptions, runningSubscriptions } from '../subscribe/running-subscriptions.ts';
import { type BoundHandler, BoundHandlers } from './bound-handlers.ts';
import { EventContext } from './event-context.ts';
import type { EventsTransportOptions } from './events-transport-options.ts';
import { keepFailuresOf } from './failure-notes.ts';
import { type HandlerPlaces, placesUnder } from './handler-places.ts';
import { drained, failureOf } from './handler-result.ts';
import { OpenedStore } from './opened-store.ts';

/** The transport's id, for decorators of a hybrid application: `@EventPattern('user.*', EVENTS_TRANSPORT)`. */
export const EVENTS_TRANSPORT: unique symbol = Symbol('annals:events');

/** `'connected'` while its subscriptions run. */
export type EventsTransportStatus = 'connected' | 'disconnected';

/** What `on` listens to. */
export type EventsTransportEvents = {
  /** A subscription ended that nobody stopped: it was deleted, or the store refuses it. */
  failed: (subscription: string, error: Error) => void;
};

/** What a transport of an application with `EventsModule` takes from it. */
export interface SharedParts extends HandlerService {
  readonly store: EventStore;
  readonly running: RunningSubscriptions;
  readonly places: HandlerPlaces;
}

interface Planned {
  readonly options: SubscriptionOptions & HandlingOptions;
  readonly handler: EventHandler;
  readonly place: string;
}

/**
 * Makes `@EventPattern` handlers durable subscriptions, named `<service>.<Class>.<method>`.
 *
 * With `EventsModule`: `app.connectMicroservice({ strategy: app.get(EventsTransport) })`, which uses the module's store.
 * Without: `new EventsTransport({ servers, serviceName, module: AppModule })`, which opens one of its own.
 *
 * An event is handled when the handler's promise is fulfilled or its observable completes. What a guard, a pipe, the
 * handler or its observable fails with makes the attempt fail, unless an exception filter turns it into a result.
 */
export class EventsTransport
  extends Server<EventsTransportEvents, EventsTransportStatus>
  implements CustomTransportStrategy
{
  override readonly transportId: symbol = EVENTS_TRANSPORT;
  /** Failures reach the subscription, which tries again or makes a dead letter: Nest needs not log them a second time. */
  override readonly propagatesEventHandlerErrors = true;
  private readonly handlers: BoundHandlers;
  private readonly service: HandlerService;
  private readonly listeners: EventsTransportEvents['failed'][] = [];
  private readonly opened: OpenedStore;
  private readonly started: string[] = [];
  private running: RunningSubscriptions | undefined;

  constructor(private readonly options: EventsTransportOptions | SharedParts) {
    super();
    const shared = 'running' in options;
    const places = shared ? options.places : placesUnder(options.module);
    for (const { type, method, isEvent } of [...places.values()].flat()) if (isEvent) keepFailuresOf(type, method);
    this.handlers = new BoundHandlers(places);
    const ownTenantId = shared ? options.ownTenantId : options.tenantId;
    this.service = { serviceName: options.serviceName, ownTenantId };
    this.opened = new OpenedStore(options);
    if (shared) this.running = options.running;
  }

  override addHandler(
    pattern: unknown,
    callback: MessageHandler,
    isEventHandler = false,
    extras: Record<string, unknown> = {},
  ): void {
    callback.isEventHandler = isEventHandler;
    callback.extras = extras;
    // Not chained as the base class does: two handlers of one pattern are two subscriptions, each tried again by itself.
    const route = this.normalizePattern(pattern as string);
    if (!this.messageHandlers.has(route)) this.messageHandlers.set(route, callback);
    this.handlers.add(pattern, callback, extras);
  }

  /**
   * Starts all subscriptions; called by Nest.
   *
   * @param callback gets a ValidationError with every handler that cannot be served, or what the store refused
   */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      await this.close();
      callback(error);
      return;
    }
    this._status$.next('connected');
    callback();
  }

  /** Takes no more events, waits for the handlers that run, and closes the store if it is the transport's own. */
  async close(): Promise<void> {
    await this.running?.stopOnly(this.started);
    await this.opened.close();
    this._status$.next('disconnected');
  }

  override on<Event extends keyof EventsTransportEvents>(event: Event, callback: EventsTransportEvents[Event]): void {
    if (event !== 'failed')
      throw new Error(`the events transport knows the event 'failed' only, not '${String(event)}'`);
    this.listeners.push(callback);
  }

  /** The store. @throws Error before `listen`, when it is the transport's own */
  override unwrap<T = EventStore>(): T {
    return this.opened.current as T;
  }

  private async start(): Promise<void> {
    const planned = this.plan();
    const store = await this.opened.open();
    const running = (this.running ??= this.ownSubscriptions(store));
    const starts = await Promise.allSettled(planned.map((one) => this.subscribe(running, one)));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async subscribe(running: RunningSubscriptions, { options, handler }: Planned): Promise<void> {
    const { name, finished } = await running.subscribe(options, handler);
    this.started.push(name);
    finished.catch((error: Error) => this.listeners.forEach((listener) => listener(name, error)));
  }

  private ownSubscriptions(store: EventStore): RunningSubscriptions {
    const { shutdownTimeoutMs = DEFAULT_SHUTDOWN_TIMEOUT_MS, logger } = this.options as EventsTransportOptions;
    return runningSubscriptions(store, { shutdownTimeoutMs, logger });
  }

  /** @throws ValidationError with every problem of every handler */
  private plan(): readonly Planned[] {
    const problems: ValidationProblem[] = [];
    const planned: Planned[] = [];
    for (const found of this.handlers.list(problems)) {
      const { place, extras } = found;
      const patterns = found.bound.map(({ pattern }) => pattern);
      const options = durableOptions({ place, extras, patterns }, this.service, problems);
      if (options) planned.push({ options, place, handler: this.eventHandler(found) });
    }
    checkDistinctNames(
      planned.map(({ options, place }) => ({ name: options.name, place })),
      problems,
    );
    if (problems.length > 0) throw new ValidationError(problems);
    return planned;
  }

  private eventHandler({ bound }: BoundHandler): EventHandler {
    const [first, ...others] = bound;
    return (event, context) => {
      const matching = others.length === 0 ? first : bound.find(({ pattern }) => matchesPattern(pattern, event.type));
      return this.run((matching ?? first).handler, event, context);
    };
  }

  /** Between the hooks that instrumentation sets. */
  private run(handler: MessageHandler, event: RecordedEvent, context: HandlerContext): Promise<void> {
    const eventContext = new EventContext([event, context]);
    return new Promise((resolve, reject) => {
      const handled = async (): Promise<void> => {
        try {
          const result: unknown = await handler(event.data, eventContext);
          if (isObservable(result)) await drained(result, context.signal);
          resolve();
        } catch (thrown) {
          reject(failureOf(thrown, eventContext));
        } finally {
          this.onProcessingEndHook?.(this.transportId, eventContext);
        }
      };
      const started: unknown = this.onProcessingStartHook(this.transportId, eventContext, handled);
      if (isThenable(started)) (started as PromiseLike<unknown>).then(undefined, reject);
    });
  }
}
