/** Which events a live stream is of; absent fields match all. */
export interface LiveFilter {
  /** `"default"` unless given. */
  readonly tenantId?: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  /** Types, or patterns like `user.*` and `vendor.>`. */
  readonly eventTypes?: readonly string[];
}

/**
 * Where a live stream begins.
 *
 * - `"now"`: with the first event that is stored after it began;
 * - `"beginning"`: with the oldest stored event;
 * - `after`: behind the place that a cursor names;
 * - `recordedFrom`: with the first event that the store took at or after this time (ISO 8601).
 */
export type LiveStart = 'now' | 'beginning' | { readonly after: string } | { readonly recordedFrom: string };

/** The query of `GET /events/live`. At most one of `from`, `after` and `recordedFrom`; `from=now` unless given. */
export interface LiveQuery extends LiveFilter {
  readonly eventType?: string;
  readonly from?: 'now' | 'beginning';
  /** A cursor. The header `Last-Event-ID` comes before it. */
  readonly after?: string;
  readonly recordedFrom?: string;
}
