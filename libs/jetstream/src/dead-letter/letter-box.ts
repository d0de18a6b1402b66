import type { DeadLetterError, DeadLetterKey, DeadLetterKind } from '@annals/core';
import type { StoredMessage } from '../read/stored-message.ts';

/** A dead letter that is to be kept. */
export interface LetterToPost {
  readonly key: DeadLetterKey;
  /** The event's message as the stream holds it. */
  readonly message: StoredMessage;
  /** Of `laneOf`; absent for a message that is no event. */
  readonly lane?: string | undefined;
  readonly kind: DeadLetterKind;
  readonly reason: string;
  readonly error?: DeadLetterError | undefined;
  readonly attempts: number;
  /** How often it was redriven before. */
  readonly redrives: number;
}

/** A dead letter as it is kept. */
export interface StoredLetter {
  readonly key: DeadLetterKey;
  /** The event's message, to be decoded as if it came from its stream. */
  readonly message: StoredMessage;
  readonly redrives: number;
  /** As it was posted. */
  readonly lane?: string;
}

/** What a running subscription does with dead letters. */
export interface LetterBox {
  /**
   * Keeps a letter; durable when fulfilled. A letter of that key which is there is replaced only by one with more
   * redrives, so that the same event is one letter however often it is posted.
   *
   * @throws StoreUnavailable
   */
  post(letter: LetterToPost): Promise<void>;

  /** The letter, if it is there. */
  read(key: DeadLetterKey): Promise<StoredLetter | undefined>;

  /** Removes a letter whose event was handled. */
  settle(key: DeadLetterKey): Promise<void>;

  /** The keys of an aggregate's letters, in the order of the stream. @param lane of `laneOf` */
  ofAggregate(subscription: string, stream: string, lane: string): Promise<readonly DeadLetterKey[]>;
}

/** Which aggregates of an ordered subscription wait for a redrive. */
export interface ParkedAggregates {
  /** All of them in one stream, by lane. @throws StoreUnavailable */
  load(subscription: string, stream: string): Promise<ReadonlySet<string>>;

  /** Durable when fulfilled. */
  park(subscription: string, stream: string, lane: string): Promise<void>;

  unpark(subscription: string, stream: string, lane: string): Promise<void>;
}
