import type { DeadLetter, DeadLetterSelection } from './dead-letter.ts';

/** One page of dead letters, oldest first. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[];
  /** Give it back as `cursor` for the next page; absent on the last. */
  readonly nextCursor?: string;
}

/** How to redrive. */
export interface RedriveOptions {
  /** At most so many are handled a second; as fast as the subscription takes them unless given. */
  readonly ratePerSecond?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a redrive set in motion. */
export interface RedriveResult {
  /** Letters that the selection matched. */
  readonly matched: number;
  /** Of these, now waiting for their subscription; the others waited already, or their subscription is gone. */
  readonly redriven: number;
  /** Letters whose subscription does not exist. */
  readonly orphaned: number;
}

/**
 * Events that subscriptions gave up on, kept until they are handled or purged.
 *
 * Guarantees an implementer must keep, tested by `describeDeadLetters` in `@annals/testing`:
 * - a letter is there before its event is settled, once for a subscription and an event;
 * - a redriven letter stays until its subscription has handled it; if that fails it is a dead letter again, with the new
 *   reason and `redrives` one higher;
 * - of an aggregate that an ordered subscription has parked, redriving any letter hands over all of its letters in version
 *   order, and the aggregate is handled normally once none is left.
 */
export interface DeadLetters {
  /**
   * @param options `limit` 100 unless given, at most 1,000; `cursor` from the page before
   * @throws ValidationError, StoreUnavailable
   */
  list(
    selection?: DeadLetterSelection,
    options?: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<DeadLetterPage>;

  /** @throws DeadLetterNotFound, ValidationError */
  get(id: string): Promise<DeadLetter>;

  count(selection?: DeadLetterSelection): Promise<number>;

  /**
   * Has letters handled again by their subscriptions, oldest first. It returns once they wait for them durably; a letter
   * that waits already is not doubled.
   *
   * @throws ValidationError, DeadLetterNotFound for an id that is none, StoreUnavailable
   */
  redrive(selection: DeadLetterSelection, options?: RedriveOptions): Promise<RedriveResult>;

  /**
   * Removes letters for good. A parked aggregate without letters is handled normally again.
   *
   * @returns how many
   */
  purge(selection: DeadLetterSelection): Promise<number>;
}
