/** What is to be handed to a subscription once more, as it waits in the stream of redeliveries. */
export interface Redelivery {
  readonly subscription: string;
  readonly stream: string;
  /** Of the event. For a parked aggregate its oldest letter's: all of its letters are meant. */
  readonly sequence: number;
  readonly cause: 'redrive' | 'replay';
  readonly replayId?: string | undefined;
  /** Of `laneOf`: the parked aggregate that is meant. Absent where it is not parked, and may be absent where it is. */
  readonly lane?: string | undefined;
  /** Milliseconds since 1970 before which it must not be handled. */
  readonly notBeforeMs?: number | undefined;
}

/** Puts redeliveries where their subscriptions find them. */
export interface RedeliveryQueue {
  /**
   * Durable when fulfilled. One that waits already is not doubled.
   *
   * @returns how many were new
   * @throws StoreUnavailable
   */
  enqueue(redeliveries: readonly Redelivery[]): Promise<number>;

  /** How many wait for a subscription. */
  waiting(subscription: string): Promise<number>;

  /** As {@link enqueue}, telling of each whether it was new. */
  enqueueEach(redeliveries: readonly Redelivery[]): Promise<readonly boolean[]>;

  /** Makes the durable consumer of a subscription's redeliveries out of one stream; harmless where it is there. */
  ensureConsumer(subscription: string, stream: string): Promise<void>;
}
