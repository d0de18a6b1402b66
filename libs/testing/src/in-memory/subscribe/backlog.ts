import {
  type CheckedStart,
  type Clock,
  type DeliveryCause,
  type RewindPreview,
  type SubscriptionFilter,
  type SubscriptionStreamStatus,
  matchesFilter,
} from '@annals/core';
import type { EventLog } from '../event-log.ts';
import { startsAt } from '../follow-log.ts';
import type { StoredEvent } from '../stored-event.ts';

/** An event that a subscription is to hand over. */
export interface Due {
  readonly stored: StoredEvent;
  readonly cause: DeliveryCause;
  readonly replayId?: string | undefined;
  /** Attempts that have begun. */
  attempts: number;
}

/** An event of the log that a subscription is to get beside what is new to it. */
export interface Redelivery {
  readonly sequence: number;
  readonly cause: 'redrive' | 'replay';
  readonly replayId?: string | undefined;
  /** Milliseconds from now before which it must not be handled. */
  readonly delayMs?: number | undefined;
}

/** What a subscription has still to do: its place in the log, what was given back, and redeliveries. */
export class Backlog {
  #filter: SubscriptionFilter;
  #isBehindStart: (stored: StoredEvent, index: number) => boolean;
  /** Index in the log of the first event that was not looked at. */
  #next = 0;
  #delivered = 0;
  #lastDeliveredMs: number | undefined;
  #lastSettledMs: number | undefined;
  /** By sequence: taken, and neither handled nor a dead letter. */
  readonly #unsettled = new Map<number, Due>();
  /** Of these, given back and due again, by ascending sequence. */
  #returned: Due[] = [];
  readonly #redeliveries = new Map<string, Due>();
  /** Of these, due and not taken. */
  #waiting: Due[] = [];
  readonly #timers = new Map<Due, ReturnType<typeof setTimeout>>();

  /** @param onDue called when something may have become due */
  constructor(
    private readonly log: EventLog,
    private readonly clock: Clock,
    filter: SubscriptionFilter,
    start: CheckedStart,
    private readonly onDue: () => void,
  ) {
    this.#filter = filter;
    this.#isBehindStart = startsAt(start, log);
  }

  set filter(filter: SubscriptionFilter) {
    this.#filter = filter;
  }

  /** The next thing that is due; it counts as in hand then. */
  take(): Due | undefined {
    const due = this.#waiting.shift() ?? this.#returned.shift() ?? this.#takeNew();
    if (due) this.#lastDeliveredMs = this.clock.now();
    return due;
  }

  /** Gives back what was taken, to be handed over again. */
  giveBack(due: Due, delayMs = 0): void {
    if (!this.isOpen(due)) return;
    if (delayMs > 0) {
      const timer = setTimeout(() => {
        this.#timers.delete(due);
        this.giveBack(due);
      }, delayMs);
      // A test that ended must not wait for a retry.
      timer.unref();
      this.#timers.set(due, timer);
      return;
    }
    if (due.cause === 'subscription') {
      const behind = this.#returned.findIndex(({ stored }) => stored.sequence > due.stored.sequence);
      this.#returned.splice(behind < 0 ? this.#returned.length : behind, 0, due);
    } else this.#waiting.push(due);
    this.onDue();
  }

  /** Whether it is still to be done: false once it was settled, or the subscription was set to another place. */
  isOpen(due: Due): boolean {
    if (due.cause === 'subscription') return this.#unsettled.get(due.stored.sequence) === due;
    return this.#redeliveries.get(keyOf(due.stored.sequence, due)) === due;
  }

  /** Done with it: it was handled, or is a dead letter. */
  settle(due: Due): void {
    this.#lastSettledMs = this.clock.now();
    if (!this.isOpen(due)) return;
    if (due.cause === 'subscription') this.#unsettled.delete(due.stored.sequence);
    else this.#redeliveries.delete(keyOf(due.stored.sequence, due));
  }

  /** @returns of each whether it was new: one that waits already, or whose event is not there, is not */
  enqueue(redeliveries: readonly Redelivery[]): boolean[] {
    return redeliveries.map((redelivery) => {
      const { sequence, cause, replayId, delayMs } = redelivery;
      const stored = this.log.at(sequence);
      const key = keyOf(sequence, redelivery);
      if (!stored || this.#redeliveries.has(key)) return false;
      const due: Due = { stored, cause, replayId, attempts: 0 };
      this.#redeliveries.set(key, due);
      this.giveBack(due, delayMs);
      return true;
    });
  }

  /** Events that wait to be redriven. */
  get redriven(): readonly StoredEvent[] {
    return [...this.#redeliveries.values()].filter(({ cause }) => cause === 'redrive').map(({ stored }) => stored);
  }

  get redeliveries(): number {
    return this.#redeliveries.size;
  }

  /** Forgets a redrive that waits. */
  forgetRedrive(sequence: number): void {
    const due = this.#redeliveries.get(keyOf(sequence, { cause: 'redrive' }));
    if (!due) return;
    this.#cancel(due);
    this.#waiting = this.#waiting.filter((one) => one !== due);
    this.#redeliveries.delete(keyOf(sequence, due));
  }

  /** Goes on at another place; redeliveries stay. */
  rewind(start: CheckedStart): void {
    this.#isBehindStart = startsAt(start, this.log);
    this.#next = 0;
    for (const due of this.#unsettled.values()) this.#cancel(due);
    this.#unsettled.clear();
    this.#returned = [];
    this.#delivered = 0;
    this.onDue();
  }

  preview(start: CheckedStart): RewindPreview {
    const isBehind = startsAt(start, this.log);
    const preview = { events: 0, again: 0, skipped: 0 };
    let first: number | undefined;
    this.log.events.forEach((stored, i) => {
      if (!matchesFilter(stored.event, this.#filter)) return;
      const had = i < this.#next && this.#isBehindStart(stored, i) && !this.#unsettled.has(stored.sequence);
      if (isBehind(stored, i)) {
        first ??= stored.sequence;
        preview.events++;
        if (had) preview.again++;
      } else if (!had && this.#isBehindStart(stored, i)) preview.skipped++;
    });
    const sequence = first ?? this.log.lastSequence + 1;
    return { ...preview, from: [{ stream: this.log.stream, sequence }] };
  }

  get lastDeliveredAt(): string | undefined {
    return timestampOf(this.#lastDeliveredMs);
  }

  get lastSettledAt(): string | undefined {
    return timestampOf(this.#lastSettledMs);
  }

  /** When the oldest event was recorded that is neither handled nor a dead letter, ISO 8601. */
  get oldestOpenAt(): string | undefined {
    const { checkpoint, lastSequence } = this.status;
    return checkpoint === lastSequence ? undefined : this.log.at(checkpoint + 1)?.event.recordedAt;
  }

  get status(): SubscriptionStreamStatus {
    let pending = 0;
    let unsettled = [...this.#unsettled.keys()].reduce((least, sequence) => Math.min(least, sequence), Infinity);
    for (let i = this.#next; i < this.log.events.length; i++) {
      const stored = this.log.events[i]!;
      if (!this.#isWanted(stored, i)) continue;
      pending++;
      unsettled = Math.min(unsettled, stored.sequence);
    }
    const { stream, lastSequence } = this.log;
    return {
      stream,
      checkpoint: unsettled === Infinity ? lastSequence : unsettled - 1,
      delivered: this.#delivered,
      lastSequence,
      pending,
      ackPending: this.#unsettled.size,
      redelivered: [...this.#unsettled.values()].filter(({ attempts }) => attempts > 1).length,
    };
  }

  close(): void {
    for (const due of [...this.#timers.keys()]) this.#cancel(due);
    this.#unsettled.clear();
    this.#redeliveries.clear();
    this.#returned = [];
    this.#waiting = [];
  }

  #takeNew(): Due | undefined {
    while (this.#next < this.log.events.length) {
      const index = this.#next++;
      const stored = this.log.events[index]!;
      if (!this.#isWanted(stored, index)) continue;
      const due: Due = { stored, cause: 'subscription', attempts: 0 };
      this.#unsettled.set(stored.sequence, due);
      this.#delivered = stored.sequence;
      return due;
    }
    return undefined;
  }

  #isWanted(stored: StoredEvent, index: number): boolean {
    return this.#isBehindStart(stored, index) && matchesFilter(stored.event, this.#filter);
  }

  #cancel(due: Due): void {
    clearTimeout(this.#timers.get(due));
    this.#timers.delete(due);
  }
}

function keyOf(sequence: number, { cause, replayId }: { cause: DeliveryCause; replayId?: string | undefined }): string {
  return `${sequence}/${replayId ?? cause}`;
}

function timestampOf(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}
