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

/**
 * What a running subscription does with dead letters.
 *
 * What it owes so that nothing is lost and nothing overtakes:
 * - it posts a letter before it acknowledges the event; where it parks the aggregate, before that too;
 * - a redelivery with cause `'redrive'` means the letter of its key: read it, handle its event, then `settle` it; when that
 *   fails for good, post it again with `redrives` one higher. A letter that is gone was handled or purged: nothing to do;
 * - where aggregates are parked it means all letters of the redelivery's lane (`Redelivery.lane`, else that of the letter,
 *   else that of the event at its position): handle those of `ofAggregate` in that order, the first that fails ends it,
 *   and look again until none is left; then, and only then, `unpark` the lane, in the turn of the lane, so that no event of
 *   it is posted as `'parked'` in between. So a redelivery whose letters are gone unparks: that is how a purge does it.
 *   A lane that cannot be told any more (letter and event are gone) concerns no letter that is left.
 */
export interface LetterBox {
  /**
   * Keeps a letter; durable when fulfilled. A letter of that key which is there is replaced only by one with more
   * redrives, so that the same event is one letter however often it is posted. An event too large to be kept beside what is
   * told about it is kept by its position.
   *
   * @throws StoreUnavailable when it may not be kept; ProvisioningRefused
   */
  post(letter: LetterToPost): Promise<void>;

  /**
   * The letter, if it is there. The body of its message is empty, which is no event, when the event was kept by its
   * position and retention took it since.
   */
  read(key: DeadLetterKey): Promise<StoredLetter | undefined>;

  /** Removes a letter whose event was handled. */
  settle(key: DeadLetterKey): Promise<void>;

  /**
   * The keys of an aggregate's letters, in the order of the stream: every letter that was posted before the call and was
   * not settled or purged by its end.
   *
   * @param lane of `laneOf`
   */
  ofAggregate(subscription: string, stream: string, lane: string): Promise<readonly DeadLetterKey[]>;
}

/** Which aggregates of an ordered subscription wait for a redrive. */
export interface ParkedAggregates {
  /** All of them in one stream, by lane. @throws StoreUnavailable */
  load(subscription: string, stream: string): Promise<ReadonlySet<string>>;

  /** Durable when fulfilled; harmless when it is parked. */
  park(subscription: string, stream: string, lane: string): Promise<void>;

  /** Harmless when it is not parked. */
  unpark(subscription: string, stream: string, lane: string): Promise<void>;
}
