import {
  type DeadLetter,
  DeadLetterNotFound,
  type DeadLetterPage,
  type DeadLetterSelection,
  type DeadLetters,
  type RedriveOptions,
  type RedriveResult,
  ValidationError,
  checkDeadLetterId,
  checkDeadLetterLimit,
  checkDeadLetterSelection,
  checkRedrive,
  laneOf,
} from '@annals/core';
import { copyOf } from '../stored-event.ts';
import type { Redelivery } from '../subscribe/backlog.ts';
import type { InMemorySubscription } from '../subscribe/in-memory-subscription.ts';
import type { InMemorySubscriptions } from '../subscribe/in-memory-subscriptions.ts';
import type { KeptLetter, LetterShelf } from './letter-shelf.ts';

const CURSOR = /^[1-9]\d{0,14}$/;

/** The dead letters of an in-memory store. */
export class InMemoryDeadLetters implements DeadLetters {
  constructor(
    private readonly letters: LetterShelf,
    private readonly subscriptions: InMemorySubscriptions,
  ) {}

  async list(
    selection: DeadLetterSelection = {},
    options: { readonly limit?: number | undefined; readonly cursor?: string | undefined } = {},
  ): Promise<DeadLetterPage> {
    const limit = checkDeadLetterLimit(options.limit);
    const after = orderOf(options.cursor);
    const rest = this.#select(selection).filter(({ order }) => order > after);
    const page = rest.slice(0, limit);
    return {
      letters: page.map((letter) => this.#shown(letter)),
      ...(rest.length > limit && { nextCursor: String(page.at(-1)!.order) }),
    };
  }

  async get(id: string): Promise<DeadLetter> {
    this.subscriptions.assertOpen();
    checkDeadLetterId(id);
    const letter = this.letters.get(id);
    if (!letter) throw new DeadLetterNotFound(id);
    return this.#shown(letter);
  }

  async count(selection: DeadLetterSelection = {}): Promise<number> {
    return this.#select(selection).length;
  }

  async redrive(selection: DeadLetterSelection, options: RedriveOptions = {}): Promise<RedriveResult> {
    const matched = this.#select(selection);
    checkRedrive(options);
    options.signal?.throwIfAborted();
    const missing = selection.ids?.find((id) => !this.letters.get(id));
    if (missing !== undefined) throw new DeadLetterNotFound(missing);
    const known = matched.filter(({ subscription }) => this.subscriptions.find(subscription));
    const fresh = known.filter((letter) => !this.#isRedriving(letter));
    const waitMs = options.ratePerSecond === undefined ? 0 : 1_000 / options.ratePerSecond;
    fresh.forEach((letter, i) => {
      // A parked aggregate waits as a whole: the first of its letters has brought the others along.
      if (this.#isRedriving(letter)) return;
      const { subscription, stored } = letter;
      const redelivery: Redelivery = { sequence: stored.sequence, cause: 'redrive', delayMs: i * waitMs };
      this.subscriptions.find(subscription)!.redeliver([redelivery]);
    });
    return { matched: matched.length, redriven: fresh.length, orphaned: matched.length - known.length };
  }

  async purge(selection: DeadLetterSelection): Promise<number> {
    const purged = this.#select(selection);
    for (const letter of purged) {
      const subscription = this.subscriptions.find(letter.subscription);
      if (subscription) this.#forget(subscription, letter);
      this.letters.remove(letter);
    }
    for (const { subscription, stored } of purged) {
      const lane = laneOf(stored.event);
      if (this.letters.ofLane(subscription, lane).length > 0) continue;
      this.subscriptions.find(subscription)?.unpark(lane);
    }
    return purged.length;
  }

  /** The redrive of a parked aggregate is about its other letters, too: it finds out by itself that this one is gone. */
  #forget(subscription: InMemorySubscription, { stored }: KeptLetter): void {
    if (!subscription.parked.has(laneOf(stored.event))) subscription.backlog.forgetRedrive(stored.sequence);
  }

  #select(selection: DeadLetterSelection): KeptLetter[] {
    this.subscriptions.assertOpen();
    return this.letters.select(checkDeadLetterSelection(selection));
  }

  #isRedriving({ subscription, stored }: KeptLetter): boolean {
    return this.subscriptions.find(subscription)?.isRedriving(stored) ?? false;
  }

  #shown(letter: KeptLetter): DeadLetter {
    const { id, subscription, kind, reason, error, attempts, redrives, deadLetteredAt, stored } = letter;
    return {
      id,
      subscription,
      kind,
      reason,
      ...(error && { error: { ...error } }),
      attempts,
      redrives,
      deadLetteredAt,
      redriving: this.#isRedriving(letter),
      position: { ...stored.event.position },
      event: copyOf(stored),
    };
  }
}

/** Letters behind this one are on the next page. @throws ValidationError */
function orderOf(cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  if (typeof cursor === 'string' && CURSOR.test(cursor)) return Number(cursor);
  throw new ValidationError([{ path: 'cursor', message: 'must be the nextCursor of a page' }]);
}
