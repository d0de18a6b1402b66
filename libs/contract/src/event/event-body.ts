/** Where an event came from, as the writer tells it. */
export interface EventSourceBody {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
}

/** A place in the log: total order within one stream, none between streams. */
export interface PositionBody {
  readonly stream: string;
  readonly sequence: number;
}

/** An event as the gateway answers with it; fields without a value are absent. */
export interface EventBody<T = unknown> {
  /** The message id. */
  readonly id: string;
  readonly type: string;
  /** When it happened: ISO 8601 in UTC, digits as given. */
  readonly timestamp: string;
  /** When the store took it. */
  readonly recordedAt: string;
  readonly tenantId: string;
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  /** 1, 2, 3 … within the aggregate. */
  readonly version?: number;
  readonly schemaVersion: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly userId?: string;
  readonly source?: EventSourceBody;
  readonly tags?: readonly string[];
  readonly data: T;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly position: PositionBody;
  /** Link of the aggregate's hash chain. */
  readonly hash?: string;
  /** Where a migration made several events of a stored one; they share id, version and position. */
  readonly part?: { readonly index: number; readonly of: number };
}
