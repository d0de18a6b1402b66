import {
  type ActiveSubscription,
  type CheckedHandling,
  type EventHandler,
  EventHandling,
  type HandlingCounts,
  type HandlingOutcome,
  Lanes,
  type SubscriptionDefinition,
  laneOf,
} from '@annals/core';
import type { KeptLetter, LetterShelf } from '../dead-letter/letter-shelf.ts';
import { copyOf } from '../stored-event.ts';
import type { Backlog, Due } from './backlog.ts';

/** An ordered subscription looks so many events ahead for aggregates that can be handled side by side. */
const MAX_AHEAD = 256;
const STOP_TIMEOUT_MS = 10_000;
const PARKED_REASON = 'an earlier event of its aggregate is a dead letter';

/** What the replicas of a subscription share. */
export interface SharedWork {
  readonly backlog: Backlog;
  readonly letters: LetterShelf;
  /** Lanes of aggregates that wait for a redrive. */
  readonly parked: Set<string>;
  /** Whether this replica is the one that hands over, of an ordered subscription. */
  isActive(replica: Replica): boolean;
  /** Told when a replica has room, or has left. */
  onChange(): void;
  leave(replica: Replica): void;
}

/** A handler at work: what it has in hand, and what becomes of it. */
export class Replica implements ActiveSubscription {
  readonly finished: Promise<void>;
  readonly #handling: EventHandling;
  readonly #lanes: Lanes;
  /** True for what has begun. */
  readonly #held = new Map<Due, boolean>();
  readonly #counts = { handled: 0, retried: 0, deadLettered: 0 };
  #stopping: Promise<void> | undefined;
  #stopped = false;
  #failure: Error | undefined;
  #finish!: { readonly resolve: () => void; readonly reject: (reason: Error) => void };

  constructor(
    private readonly definition: SubscriptionDefinition,
    private readonly options: CheckedHandling,
    handler: EventHandler,
    private readonly work: SharedWork,
  ) {
    this.#handling = new EventHandling(definition, handler, options.handlerTimeoutMs, (error) => this.#fail(error));
    this.#lanes = new Lanes(options.concurrency);
    this.finished = new Promise((resolve, reject) => {
      this.#finish = { resolve, reject };
    });
    // Whoever looks at it is told; who does not must not end the process.
    this.finished.catch(() => {});
  }

  get name(): string {
    return this.definition.name;
  }

  get state(): ActiveSubscription['state'] {
    if (this.#stopped) return 'stopped';
    return this.#isOrdered && !this.work.isActive(this) ? 'standby' : 'active';
  }

  get counts(): HandlingCounts {
    return { ...this.#counts, inHand: this.#held.size };
  }

  get hasRoom(): boolean {
    if (this.#stopping || this.#stopped) return false;
    return this.#held.size < (this.#isOrdered ? MAX_AHEAD : this.options.concurrency);
  }

  take(due: Due): void {
    this.#held.set(due, false);
    const lane = this.#isOrdered ? laneOf(due.stored.event) : undefined;
    this.#lanes.add(lane, () => this.#run(due, lane), due.cause === 'subscription');
  }

  stop(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    this.#stopping ??= this.#stop(options.timeoutMs ?? STOP_TIMEOUT_MS);
    return this.#stopping;
  }

  /** Gives back what has not begun, to be handed over later. */
  giveBack(): void {
    this.#lanes.clear();
    for (const due of this.#forgetWaiting(() => true)) this.work.backlog.giveBack(due);
  }

  /** Forgets events that have not begun: the subscription was set to another place. */
  forgetEvents(): void {
    this.#lanes.clear(true);
    this.#forgetWaiting(({ cause }) => cause === 'subscription');
  }

  /** Ends with an error. */
  end(reason: Error): void {
    this.#stopped = true;
    this.#lanes.clear();
    this.#held.clear();
    this.#handling.abandon(reason);
    this.#finish.reject(reason);
  }

  get #isOrdered(): boolean {
    return this.definition.mode === 'ordered';
  }

  async #stop(timeoutMs: number): Promise<void> {
    this.giveBack();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<true>((resolve) => (timer = setTimeout(resolve, timeoutMs, true)));
    const isLate = await Promise.race([this.#lanes.idle(), late]);
    clearTimeout(timer);
    if (isLate) {
      this.#handling.abandon(new Error(`subscription ${this.name} is stopped`));
      await this.#lanes.idle();
    }
    if (this.#stopped) return;
    this.#stopped = true;
    this.work.leave(this);
    if (this.#failure) this.#finish.reject(this.#failure);
    else this.#finish.resolve();
  }

  /** Ends with an error, when what runs has ended. */
  #fail(error: Error): void {
    if (this.#stopping || this.#stopped) return;
    this.#failure = error;
    void this.stop();
  }

  #forgetWaiting(isMeant: (due: Due) => boolean): Due[] {
    const waiting = [...this.#held].filter(([due, begun]) => !begun && isMeant(due)).map(([due]) => due);
    for (const due of waiting) this.#held.delete(due);
    return waiting;
  }

  #run(due: Due, lane: string | undefined): ReturnType<Parameters<Lanes['add']>[1]> {
    const { parked, letters } = this.work;
    this.#held.set(due, true);
    const isParked = lane !== undefined && parked.has(lane);
    if (isParked && due.cause === 'redrive') return this.#redriveAggregate(due, lane);
    if (isParked && due.cause === 'subscription') {
      this.#post(due, { type: 'dead-letter', kind: 'parked', reason: PARKED_REASON });
      return this.#settle(due);
    }
    if (due.cause === 'redrive' && !letters.of(this.name, due.stored)) return this.#settle(due);
    const outcome = this.#attempt(due);
    if (outcome instanceof Promise) return outcome.then((settled) => this.#conclude(due, settled));
    return this.#conclude(due, outcome);
  }

  /** Hands over the letters of a parked aggregate in order, until one fails or none is left. */
  async #redriveAggregate(redelivery: Due, lane: string): Promise<number | void> {
    const { letters, parked, backlog } = this.work;
    let letter: KeptLetter | undefined;
    while (!this.#stopping && (letter = letters.ofLane(this.name, lane)[0])) {
      const due = { ...redelivery, stored: letter.stored };
      const outcome = await this.#attempt(due);
      redelivery.attempts = due.attempts;
      if (outcome.type !== 'handled') return this.#conclude(redelivery, outcome, letter);
      this.#counts.handled++;
      letters.remove(letter);
      redelivery.attempts = 0;
    }
    if (letter) {
      this.#held.delete(redelivery);
      backlog.giveBack(redelivery);
      return;
    }
    parked.delete(lane);
    this.#settle(redelivery);
  }

  #attempt(due: Due): HandlingOutcome | Promise<HandlingOutcome> {
    const { cause, replayId } = due;
    return this.#handling.handle(copyOf(due.stored), { attempt: ++due.attempts, cause, replayId });
  }

  /**
   * @param letter that was handed over, where it is not that of the event itself
   * @returns milliseconds until the next attempt, where it stays in hand
   */
  #conclude(due: Due, outcome: HandlingOutcome, letter?: KeptLetter): number | void {
    const { backlog, letters } = this.work;
    switch (outcome.type) {
      case 'handled': {
        this.#counts.handled++;
        const redriven = due.cause === 'redrive' && letters.of(this.name, due.stored);
        if (redriven) letters.remove(redriven);
        return this.#settle(due);
      }
      case 'retry':
        this.#counts.retried++;
        if (this.#isOrdered && !this.#stopping && backlog.isOpen(due)) {
          this.#held.set(due, false);
          return outcome.delayMs;
        }
        this.#held.delete(due);
        backlog.giveBack(due, this.#isOrdered ? 0 : outcome.delayMs);
        break;
      case 'dead-letter':
        this.#post(due, outcome, letter);
        return this.#settle(due);
      case 'abandoned':
        this.#held.delete(due);
        backlog.giveBack(due);
    }
    this.work.onChange();
  }

  #post(due: Due, outcome: HandlingOutcome & { type: 'dead-letter' }, letter?: KeptLetter): void {
    const { letters, parked } = this.work;
    const stored = letter?.stored ?? due.stored;
    const before = due.cause === 'redrive' ? letters.of(this.name, stored) : undefined;
    const redrives = before ? before.redrives + 1 : 0;
    const { kind, reason, error } = outcome;
    letters.post({ subscription: this.name, stored, kind, reason, error, attempts: due.attempts, redrives });
    this.#counts.deadLettered++;
    const { aggregateId } = stored.event;
    if (this.#isOrdered && this.definition.onDeadLetter === 'park' && aggregateId !== undefined) {
      parked.add(laneOf(stored.event));
    }
  }

  #settle(due: Due): void {
    this.#held.delete(due);
    this.work.backlog.settle(due);
    this.work.onChange();
  }
}
