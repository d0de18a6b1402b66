/**
 * Counts over the stored events of the store, or of one tenant. The store's own `annals.*` events are not counted, nor is
 * what retention has removed.
 */
export interface EventStats {
  readonly totalEvents: number;
  /** Aggregates that ever had an event. */
  readonly uniqueAggregates: number;
  /** Number of different event types. */
  readonly eventTypes: number;
  /** Events by event type. */
  readonly eventTypeBreakdown: Readonly<Record<string, number>>;
  /** Events by aggregate type; events without aggregate are not in it. */
  readonly aggregateTypeBreakdown: Readonly<Record<string, number>>;
  /** Oldest and newest `timestamp` that the store ever took, also where retention removed that event; null without events. */
  readonly timeRange: { readonly earliest: string | null; readonly latest: string | null };
}
