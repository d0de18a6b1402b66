import type { Position, RecordedEvent } from '../event/event-message.ts';

/** Why an event is handed over: it is new to the subscription, a replay asks for it, or a dead letter is redriven. */
export type DeliveryCause = 'subscription' | 'replay' | 'redrive';

/** What a handler knows of the delivery, and can say about it. */
export interface HandlerContext {
  readonly subscription: string;
  /** From 1. A count that the server keeps over crashes: it may be too high after one, never too low. */
  readonly attempt: number;
  readonly position: Position;
  readonly cause: DeliveryCause;
  /** Of the replay that hands the event over. */
  readonly replayId?: string;
  /** Aborted when the attempt has taken too long, or a stop no longer waits. What the handler does after that does not count. */
  readonly signal: AbortSignal;
  /** Begins the time of the attempt anew. */
  extend(): void;
  /**
   * Lets the attempt count as failed once the handler ends, and the next begin after `delayMs`; the subscription's backoff
   * unless given, a day at most. The last attempt makes a dead letter all the same.
   */
  retry(options?: { readonly delayMs?: number; readonly reason?: string }): void;
  /** Makes the event a dead letter once the handler ends, without further attempts. */
  deadLetter(reason: string): void;
}

/**
 * Handles one event. It is done when the handler returns or its promise is fulfilled; what it throws makes the attempt
 * fail.
 *
 * Delivery is at least once: after a crash an event may come again, so handlers are idempotent, by position or message id.
 */
export type EventHandler<T = unknown> = (event: RecordedEvent<T>, context: HandlerContext) => unknown;
