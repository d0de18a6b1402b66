import type { PositionBody } from '../event/event-body.ts';

/**
 * Where a subscription begins: with the oldest stored event, with the next new one, behind positions (one per stream; a
 * stream that is not named from its beginning), or with what the store took at or after a time (ISO 8601).
 */
export type StartBody =
  'beginning' | 'now' | { readonly after: PositionBody | readonly PositionBody[] } | { readonly recordedFrom: string };

/** Which events a subscription gets; absent fields match all. */
export interface SubscriptionFilterBody {
  /** All tenants unless given. */
  readonly tenantId?: string;
  readonly aggregateType?: string;
  /** Types, or patterns like `user.*` and `vendor.>`. */
  readonly eventTypes?: readonly string[];
}

/** The body of `POST /events/subscriptions`. */
export interface CreateSubscriptionRequest {
  /** 1–100 characters of `A-Z a-z 0-9 _ - . :`. */
  readonly name: string;
  /** Everything unless given. */
  readonly filter?: SubscriptionFilterBody;
  /** `"beginning"` unless given. */
  readonly from?: StartBody;
  /** `"shared"` unless given. */
  readonly mode?: 'shared' | 'ordered';
  /** Attempts until an event becomes a dead letter; 5 unless given. */
  readonly maxDeliver?: number;
  /** Milliseconds before the second attempt, the third …; the last one counts for all further. */
  readonly backoffMs?: readonly number[];
  /** `"park"` unless given; for `"ordered"` only. */
  readonly onDeadLetter?: 'park' | 'continue';
}

/** The body of `POST /events/subscriptions/:name/rewind`. */
export interface RewindRequest {
  readonly to: StartBody;
  /** Only tell what it would do. */
  readonly preview?: boolean;
}
