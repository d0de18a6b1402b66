import {
  type Clock,
  type DeadLetterError,
  type DeadLetterKind,
  type DeadLetterSelection,
  deadLetterId,
  isWithin,
  laneOf,
  matchesFilter,
} from '@annals/core';
import type { StoredEvent } from '../stored-event.ts';

/** A dead letter that is to be kept. */
export interface LetterToPost {
  readonly subscription: string;
  readonly stored: StoredEvent;
  readonly kind: DeadLetterKind;
  readonly reason: string;
  readonly error?: DeadLetterError | undefined;
  readonly attempts: number;
  /** How often it was redriven before. */
  readonly redrives: number;
}

/** A dead letter as it is kept. */
export interface KeptLetter extends LetterToPost {
  readonly id: string;
  /** Ascends with each letter that is posted. */
  readonly order: number;
  readonly deadLetteredAt: string;
}

/** Keeps dead letters, one for a subscription and an event. */
export class LetterShelf {
  /** In the order in which they were posted. */
  readonly #letters = new Map<string, KeptLetter>();
  #lastOrder = 0;

  constructor(private readonly clock: Clock) {}

  /** Keeps a letter; one that is there is replaced only by one with more redrives. */
  post(letter: LetterToPost): void {
    const { subscription, stored } = letter;
    const id = deadLetterId({ subscription, ...stored.event.position });
    const before = this.#letters.get(id);
    if (before && before.redrives >= letter.redrives) return;
    this.#letters.delete(id);
    const deadLetteredAt = new Date(this.clock.now()).toISOString();
    this.#letters.set(id, { ...letter, id, order: ++this.#lastOrder, deadLetteredAt });
  }

  get(id: string): KeptLetter | undefined {
    return this.#letters.get(id);
  }

  /** The letter of an event, if it is there. */
  of(subscription: string, stored: StoredEvent): KeptLetter | undefined {
    return this.#letters.get(deadLetterId({ subscription, ...stored.event.position }));
  }

  remove(letter: KeptLetter): void {
    if (this.#letters.get(letter.id) === letter) this.#letters.delete(letter.id);
  }

  /** The letters of an aggregate in version order. @param lane of `laneOf` */
  ofLane(subscription: string, lane: string): KeptLetter[] {
    return this.select({ subscription })
      .filter(({ stored }) => laneOf(stored.event) === lane)
      .sort((one, other) => one.stored.sequence - other.stored.sequence);
  }

  /** @param selection as `checkDeadLetterSelection` leaves it */
  select(selection: DeadLetterSelection): KeptLetter[] {
    const { ids, subscription, kinds, deadLetteredFrom, deadLetteredTo, ...filter } = selection;
    const wanted = ids && new Set(ids);
    return [...this.#letters.values()].filter(
      (letter) =>
        (wanted === undefined || wanted.has(letter.id)) &&
        (subscription === undefined || letter.subscription === subscription) &&
        (kinds === undefined || kinds.includes(letter.kind)) &&
        isWithin(letter.deadLetteredAt, deadLetteredFrom, deadLetteredTo) &&
        matchesFilter(letter.stored.event, filter),
    );
  }
}
