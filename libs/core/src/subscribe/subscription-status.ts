import type { SubscriptionDefinition } from './subscription-options.ts';

/** How far a subscription is in one stream. */
export interface SubscriptionStreamStatus {
  readonly stream: string;
  /** Every event up to this stream sequence that the subscription wants is handled or a dead letter. */
  readonly checkpoint: number;
  /** Stream sequence that was delivered last; 0 when none was. */
  readonly delivered: number;
  /** Stream sequence of the stream's newest message. */
  readonly lastSequence: number;
  /** Events that are not delivered yet. */
  readonly pending: number;
  /** Events that are delivered and not settled. */
  readonly ackPending: number;
  /** Of these, delivered more than once. */
  readonly redelivered: number;
}

/** What is known of a subscription, by whichever process asks. */
export interface SubscriptionStatus extends SubscriptionDefinition {
  /**
   * - `'live'`: all that is stored is settled;
   * - `'catching-up'`: events wait or are in hand;
   * - `'paused'`: nothing is delivered until it is resumed;
   * - `'stalled'`: events wait, and none was settled for a while: no handler runs, or none gets through.
   */
  readonly state: 'live' | 'catching-up' | 'paused' | 'stalled';
  readonly createdAt: string;
  /** Events that are not delivered yet, over all streams. */
  readonly pending: number;
  /** Events that are delivered and not settled. */
  readonly ackPending: number;
  /** Of these, delivered more than once. */
  readonly redelivered: number;
  /** Replays and redriven dead letters that wait for this subscription. */
  readonly redeliveries: number;
  readonly deadLetters: number;
  /** Aggregates that wait for a redrive. */
  readonly parkedAggregates: number;
  /** Requests for events that wait at the server: 0 where no process handles it, several for a busy one. */
  readonly waiting: number;
  /** When an event was delivered last, ISO 8601. */
  readonly lastDeliveredAt?: string;
  /** When an event was settled last. */
  readonly lastSettledAt?: string;
  readonly streams: readonly SubscriptionStreamStatus[];
}

/** What setting a subscription back means. */
export interface RewindPreview {
  /** Events that the subscription gets from there on, those that it never had included. */
  readonly events: number;
  /** Of these, events that it had already. */
  readonly again: number;
  /** Events that it had not yet and would miss: when it is set forward. */
  readonly skipped: number;
  /** By stream: the first stream sequence that would be delivered. */
  readonly from: readonly { readonly stream: string; readonly sequence: number }[];
}
