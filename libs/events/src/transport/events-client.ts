import { type AppendResult, DEFAULT_TENANT, type EventSource, type EventStore, ValidationError } from '@annals/core';
import { Injectable } from '@nestjs/common';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { type Observable, ReplaySubject, throwError } from 'rxjs';
import { currentCorrelation } from '../correlation/correlation.ts';
import { nestLogger } from '../logging/nest-logger.ts';
import type { GivenStore, OwnStore } from '../options/events-module-options.ts';
import { publishOne } from '../publish/publish-events.ts';
import { EventRecord } from './event-record.ts';
import { OpenedStore } from './opened-store.ts';

/** Options of a client: a store, or how to open one. */
export type EventsClientOptions = (GivenStore | OwnStore) & {
  /** Tenant of events that name none; `'default'`. */
  readonly tenantId?: string | undefined;
  /** Source of events that name none. */
  readonly source?: EventSource | undefined;
};

const NO_REPLY =
  "an event has no reply: send() needs Nest's own NATS transport, ClientsModule.register([{ transport: Transport.NATS }])";

/**
 * A `ClientProxy` whose `emit` appends an event. `EventsModule` provides one on its store; elsewhere
 * `ClientsModule.register([{ name, customClass: EventsClient, options: { servers } }])`.
 */
@Injectable()
export class EventsClient extends ClientProxy {
  private readonly opened: OpenedStore;
  private readonly logger;

  constructor(private readonly options: EventsClientOptions) {
    super();
    this.opened = new OpenedStore(options);
    this.logger = ('logger' in options ? options.logger : undefined) ?? nestLogger();
  }

  /** Opens the store when it is the client's own; `emit` does it by itself. @throws StoreUnavailable */
  async connect(): Promise<EventStore> {
    const store = await this.opened.open();
    this._status$.next('connected');
    return store;
  }

  async close(): Promise<void> {
    await this.opened.close();
    this._status$.next('disconnected');
  }

  /** The store. @throws Error before `connect`, when it is the client's own */
  override unwrap<T = EventStore>(): T {
    return this.opened.current as T;
  }

  /**
   * Appends an event. It is stored when the observable gives its `AppendResult`; a failure is the `AnnalsError` that
   * `EventsService.publishEvent` throws.
   *
   * It is sent at once, whether somebody subscribes or not, and whoever subscribes later gets the outcome too. A failure
   * that nobody subscribed to is logged.
   *
   * @param pattern the event type
   * @param data the event's data, or an `EventRecord`
   */
  override emit<TResult = AppendResult, TInput = unknown>(pattern: string, data: TInput): Observable<TResult> {
    const outcome = new ReplaySubject<TResult>(1);
    this.send$(pattern, data).then(
      (result) => {
        outcome.next(result as TResult);
        outcome.complete();
      },
      (error: unknown) => {
        if (!outcome.observed) this.logger.error('an event was not stored', { type: pattern, reason: error });
        outcome.error(error);
      },
    );
    return outcome.asObservable();
  }

  /** Refused: an event has no reply. */
  override send<TResult = never>(): Observable<TResult> {
    return throwError(() => new ValidationError([{ path: 'pattern', message: NO_REPLY }]));
  }

  protected override async dispatchEvent<T = AppendResult>({ pattern, data }: ReadPacket): Promise<T> {
    const store = await this.connect();
    const record = data instanceof EventRecord ? data : new EventRecord(data as unknown, {});
    const { idempotencyKey, traceContext, ...event } = record.options;
    const tenantId = currentCorrelation().tenantId ?? this.options.tenantId ?? DEFAULT_TENANT;
    const result = await publishOne(
      store,
      { ...event, type: pattern as string, data: record.data },
      { idempotencyKey, traceContext },
      { tenantId, source: this.options.source },
    );
    return result as T;
  }

  protected override publish(_packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    callback({ err: new ValidationError([{ path: 'pattern', message: NO_REPLY }]) });
    return () => {};
  }

  private async send$(pattern: string, data: unknown): Promise<AppendResult> {
    return this.dispatchEvent<AppendResult>(this.createPacket(pattern, data));
  }
}
