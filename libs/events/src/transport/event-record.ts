import type { EventSource, ExpectedVersion, TraceContext } from '@annals/core';
import type { PublishOptions } from '../publish/event-to-publish.ts';

type Settable<T> = { -readonly [Field in keyof T]: T[Field] };

/** Data of an event with what else is said of it; `EventsClient.emit` takes it in place of bare data. */
export class EventRecord<T = unknown> {
  constructor(
    readonly data: T,
    readonly options: PublishOptions,
  ) {}
}

/**
 * Builds what `emit` appends, as the record builders of Nest's own transports do.
 *
 * @example
 * client.emit('user.created', new EventRecordBuilder({ name }).setAggregate('user', id).setExpectedVersion('none').build())
 */
export class EventRecordBuilder<T = unknown> {
  private readonly options: Settable<PublishOptions> = {};

  constructor(private data?: T) {}

  setData(data: T): this {
    this.data = data;
    return this;
  }

  setAggregate(type: string, id: string): this {
    return this.set({ aggregateType: type, aggregateId: id });
  }

  /** What the aggregate's head must be: a version, `'any'` (the default), `'none'` or `'exists'`. */
  setExpectedVersion(expectedVersion: ExpectedVersion): this {
    return this.set({ expectedVersion });
  }

  /** A ULID is made unless given. Given ids make a repeated emit harmless. */
  setMessageId(messageId: string): this {
    return this.set({ messageId });
  }

  /** Inside a handler that of the handled event unless given; so are causation, user, tenant and trace. */
  setCorrelationId(correlationId: string): this {
    return this.set({ correlationId });
  }

  setCausationId(causationId: string): this {
    return this.set({ causationId });
  }

  setUserId(userId: string): this {
    return this.set({ userId });
  }

  setTenantId(tenantId: string): this {
    return this.set({ tenantId });
  }

  setTags(tags: readonly string[]): this {
    return this.set({ tags });
  }

  setMetadata(metadata: Readonly<Record<string, unknown>>): this {
    return this.set({ metadata });
  }

  /** ISO 8601; now unless given. */
  setTimestamp(timestamp: string): this {
    return this.set({ timestamp });
  }

  /** From 1, the default. */
  setSchemaVersion(schemaVersion: number): this {
    return this.set({ schemaVersion });
  }

  setSource(source: EventSource): this {
    return this.set({ source });
  }

  /** A repetition within the key's lifetime answers with the first result. */
  setIdempotencyKey(idempotencyKey: string): this {
    return this.set({ idempotencyKey });
  }

  setTraceContext(traceContext: TraceContext): this {
    return this.set({ traceContext });
  }

  build(): EventRecord<T> {
    return new EventRecord(this.data as T, { ...this.options });
  }

  private set(options: PublishOptions): this {
    Object.assign(this.options, options);
    return this;
  }
}
