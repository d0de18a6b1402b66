import type { PositionBody } from '../event/event-body.ts';
import type { SubscriptionFilterBody } from './subscription-request.ts';

/** How far a subscription is in one stream. */
export interface SubscriptionStreamBody {
  readonly stream: string;
  /** Every event up to this stream sequence that the subscription wants is handled or a dead letter. */
  readonly checkpoint: number;
  /** Stream sequence that was delivered last; 0 when none was. */
  readonly delivered: number;
  /** Stream sequence of the stream's newest message. */
  readonly lastSequence: number;
  readonly pending: number;
  readonly ackPending: number;
  readonly redelivered: number;
}

/** A subscription and how far it is. */
export interface SubscriptionBody {
  readonly name: string;
  readonly filter: SubscriptionFilterBody;
  readonly mode: 'shared' | 'ordered';
  readonly maxDeliver: number;
  readonly backoffMs: readonly number[];
  readonly onDeadLetter: 'park' | 'continue';
  /**
   * `live`: all that is stored is settled. `catching-up`: events wait or are in hand. `paused`: nothing is delivered until
   * it is resumed. `stalled`: events wait, and none was settled for a while.
   */
  readonly state: 'live' | 'catching-up' | 'paused' | 'stalled';
  readonly createdAt: string;
  /** Events that are not delivered yet. */
  readonly pending: number;
  /** Events that are delivered and not settled. */
  readonly ackPending: number;
  /** Of these, delivered more than once. */
  readonly redelivered: number;
  /** Replays and redriven dead letters that wait for it. */
  readonly redeliveries: number;
  readonly deadLetters: number;
  /** Aggregates that wait for a redrive. */
  readonly parkedAggregates: number;
  /** Requests for events that wait at the server: 0 where no process handles it, several for a busy one. */
  readonly waiting: number;
  readonly lastDeliveredAt?: string;
  readonly lastSettledAt?: string;
  readonly streams: readonly SubscriptionStreamBody[];
}

/** The answer to `GET /events/subscriptions`: by name. */
export interface SubscriptionsResponse {
  readonly subscriptions: readonly SubscriptionBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}

/** The answer to `POST /events/subscriptions/:name/rewind`. */
export interface RewindResponse {
  readonly subscription: string;
  /** True when nothing was changed. */
  readonly preview: boolean;
  /** Events that the subscription gets from there on, those that it never had included. */
  readonly events: number;
  /** Of these, events that it had already. */
  readonly again: number;
  /** Events that it had not yet and misses: when it is set forward. */
  readonly skipped: number;
  /** By stream: the first stream sequence that is delivered. */
  readonly from: readonly PositionBody[];
}
