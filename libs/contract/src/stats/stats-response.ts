/** The answer to `GET /events/stats`: exact counts of one tenant's events. */
export interface StatsResponse {
  readonly totalEvents: number;
  readonly uniqueAggregates: number;
  /** How many different event types there are. */
  readonly eventTypes: number;
  readonly eventTypeBreakdown: Readonly<Record<string, number>>;
  readonly aggregateTypeBreakdown: Readonly<Record<string, number>>;
  /** Oldest and newest time of an event; null without events. */
  readonly timeRange: { readonly earliest: string | null; readonly latest: string | null };
  /** What the whole store takes, of all tenants; absent while the server cannot tell. */
  readonly storage?: StorageBody;
}

/** Size of the streams that hold the events. */
export interface StorageBody {
  readonly bytes: number;
  readonly streams: readonly { readonly name: string; readonly messages: number; readonly bytes: number }[];
}
