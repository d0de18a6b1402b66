import type { StartFrom } from '../live/follow-options.ts';
import type { EventHandler } from './event-handler.ts';
import type { HandlingOptions, SubscriptionOptions } from './subscription-options.ts';
import type { RewindPreview, SubscriptionStatus } from './subscription-status.ts';

/** What one process did for a subscription since it subscribed. */
export interface HandlingCounts {
  readonly handled: number;
  /** Attempts that failed and are to be repeated. */
  readonly retried: number;
  readonly deadLettered: number;
  /** Events that are here and not settled. */
  readonly inHand: number;
}

/** A handler at work in this process. */
export interface ActiveSubscription {
  readonly name: string;
  /**
   * `'standby'`: another replica of an ordered subscription is active in every stream. `'reconnecting'`: the server or the
   * subscription's place on it is gone for the moment. `'paused'` is not told here: see the status.
   */
  readonly state: 'active' | 'standby' | 'reconnecting' | 'stopped';
  readonly counts: HandlingCounts;
  /**
   * Fulfilled when it was stopped; rejected when it cannot go on, because the subscription was deleted through the port or
   * the store refuses it.
   */
  readonly finished: Promise<void>;
  /**
   * Takes no more events, waits for the handlers that run, gives back what was not begun, and saves how far it came.
   *
   * @param options `timeoutMs` for the handlers, 10,000 unless given; those that still run then get their signal aborted,
   *   and their events are handed over again. Calling it twice is harmless.
   */
  stop(options?: { readonly timeoutMs?: number }): Promise<void>;
}

/**
 * Durable subscriptions: handlers, and what operators do with them.
 *
 * Guarantees an implementer must keep, tested by `describeSubscriptions` in `@annals/testing`:
 * - every event that the filter matches from the start on is handed over until a handler is done with it or it is a dead
 *   letter, whatever crashes in between; at least once;
 * - an `'ordered'` subscription hands over the events of an aggregate in version order, one at a time over all replicas
 *   (after a takeover some again, in order), but for a replica that was frozen and wakes up;
 * - an event is a dead letter before it is settled;
 * - a handler that is slow makes the subscription wait, not its memory grow.
 */
export interface Subscriptions {
  /**
   * Handles a subscription's events in this process; makes the subscription when there is none, and brings one that
   * exists to these options (but for where it begins). Several processes may subscribe by the same name.
   *
   * @throws ValidationError, SubscriptionConflict, StoreUnavailable, StoreClosed
   */
  subscribe(options: SubscriptionOptions & HandlingOptions, handler: EventHandler): Promise<ActiveSubscription>;

  /** Makes a subscription that no process handles yet: it keeps its place. The same again changes nothing.
   * @throws ValidationError, SubscriptionConflict when one of that name is otherwise, StoreUnavailable */
  create(options: SubscriptionOptions): Promise<SubscriptionStatus>;

  /** All subscriptions, by name. */
  list(): Promise<readonly SubscriptionStatus[]>;

  /** @throws SubscriptionNotFound */
  get(name: string): Promise<SubscriptionStatus>;

  /** Hands over nothing until it is resumed, over restarts of everything; what is in hand is finished. Twice is harmless.
   * @throws SubscriptionNotFound */
  pause(name: string): Promise<SubscriptionStatus>;

  /** @throws SubscriptionNotFound */
  resume(name: string): Promise<SubscriptionStatus>;

  /** What {@link rewind} would do. @throws SubscriptionNotFound, ValidationError */
  previewRewind(name: string, to: StartFrom): Promise<RewindPreview>;

  /**
   * Sets a subscription to another place, back or forward; what is in hand may be handled once more. Attempts are counted
   * anew. Dead letters and parked aggregates stay.
   *
   * @throws SubscriptionNotFound, ValidationError
   */
  rewind(name: string, to: StartFrom): Promise<RewindPreview>;

  /**
   * Removes a subscription with its place, its waiting redeliveries and its parked aggregates; handlers of it end with an
   * error. Its dead letters stay until they are purged.
   *
   * @throws SubscriptionNotFound
   */
  delete(name: string): Promise<void>;
}
