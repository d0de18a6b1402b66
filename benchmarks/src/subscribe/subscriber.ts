/**
 * Told of each event. The quantity in its data proves that it was parsed; 0 where the client does not parse. A promise
 * keeps the event in hand until it is fulfilled.
 */
export type OnEvent = (quantity: number) => void | Promise<void>;

/** A client that is handed the stored events. */
export interface Subscriber {
  /** Whether it parses what it is handed. */
  readonly parses: boolean;
  /** Begins at the first event. The name is used once. */
  start(name: string, onEvent: OnEvent): Promise<RunningSubscription>;
  close(): Promise<void>;
}

/** What hands events over. */
export interface RunningSubscription {
  /** Rejected when it ends by itself. */
  readonly failed: Promise<never>;
  /** Events that are here and not settled; 0 where the client does not keep count. */
  inHand(): number;
  /** Ends it and removes it from the server. Tells how many events it left unsettled there. */
  stop(): Promise<number>;
}
