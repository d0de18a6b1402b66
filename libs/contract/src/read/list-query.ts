/** Ascending versions or positions, or descending ones. */
export type Order = 'asc' | 'desc';

/** Which events are meant; absent fields match all. */
export interface EventCriteria {
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  /** Types, or patterns like `user.*` and `vendor.>`. */
  readonly eventTypes?: readonly string[];
  /** The event's own time, both ends inclusive. */
  readonly fromTimestamp?: string;
  readonly toTimestamp?: string;
  /** When the store took it, both ends inclusive. */
  readonly recordedFrom?: string;
  readonly recordedTo?: string;
  /** From 1, both ends inclusive. */
  readonly fromVersion?: number;
  readonly toVersion?: number;
  /** `"default"` unless given. */
  readonly tenantId?: string;
}

/** Which part of a list is wanted. */
export interface PageQuery {
  /** 1 to 1,000; 100 unless given, as NDJSON all. */
  readonly limit?: number;
  /** `nextCursor` of the page before, with the same criteria and order. */
  readonly cursor?: string;
  /** `"asc"` unless given. */
  readonly order?: Order;
}

/** The query of `GET /events/history` and `GET /events/replay`. */
export type ListQuery = EventCriteria & PageQuery;

/** The query of `GET /events/aggregate`. Without `aggregateType` the id must belong to one type only. */
export type AggregateQuery = ListQuery & { readonly aggregateId: string };

/** The body of `POST /events/replay`; `streamId` is another name of `aggregateId`. */
export type ReplayRequest = ListQuery & { readonly streamId?: string };
