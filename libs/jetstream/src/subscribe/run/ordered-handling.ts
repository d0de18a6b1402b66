import type { HandlingOutcome } from '@annals/core';
import { ActivationLost } from './activation-record.ts';
import type { ActivePeriod } from './active-period.ts';
import type { HeldEvent } from './held-event.ts';
import type { Held, InHand } from './in-hand.ts';
import { letterOf, parkedBehind, processEnded, unreadableLetter } from './letter-of.ts';
import type { ParkedLanes } from './parked-lanes.ts';
import type { RunningContext } from './running-context.ts';

/** What the handling of an ordered stream's events knows of its place. */
export interface Seat {
  readonly held: InHand<Held>;
  /** Lanes whose events are kept back as dead letters. */
  readonly parked: ParkedLanes;
  /** Undefined when nothing may begin: this replica is not the active one, or cannot be sure of it. */
  period(): ActivePeriod | undefined;
  /** The event is handled or a dead letter. */
  settle(item: Held): void;
  /** Nothing is known of the event: it is to come again. */
  letGo(item: Held): void;
  /** Another replica may be active. */
  leavePlace(): void;
}

type DeadLetterOutcome = Extract<HandlingOutcome, { type: 'dead-letter' }>;
type Ended = number | void;

/** Runs the events of an ordered stream when their turn has come. */
export class OrderedHandling {
  constructor(
    private readonly context: RunningContext,
    private readonly stream: string,
    private readonly seat: Seat,
  ) {}

  /** @returns milliseconds until the next attempt, before anything else of its lane; nothing when the event is settled */
  attempt(item: HeldEvent, lane: string): Ended | Promise<Ended> {
    const { held } = this.seat;
    if (!held.has(item)) return;
    // Behind an event that ended the subscription nothing of its aggregate may be handled.
    if (this.context.stopping.aborted) return this.seat.letGo(item);
    const period = this.seat.period();
    if (!period) return this.seat.leavePlace();
    item.begun = true;
    if (period.isCareful) return this.attemptAlone(item, lane, period);
    if (this.seat.parked.has(lane)) return this.bury(item, lane, parkedBehind());
    return this.run(item, lane, period);
  }

  async buryUnreadable(item: Held, error: Error): Promise<void> {
    const { counts, poster, definition } = this.context;
    if (!this.seat.held.has(item)) return;
    item.begun = true;
    if (!(await poster.post(unreadableLetter(definition.name, this.stream, item, error)))) return this.seat.letGo(item);
    counts.deadLettered++;
    this.seat.settle(item);
  }

  private run(item: HeldEvent, lane: string, period: ActivePeriod): Ended | Promise<Ended> {
    item.attempt = period.record.attemptsOf(item.sequence) + 1;
    const outcome = this.context.handling.handle(item.event, item);
    return outcome instanceof Promise
      ? outcome.then((known) => this.conclude(item, lane, period, known))
      : this.conclude(item, lane, period, outcome);
  }

  private conclude(
    item: HeldEvent,
    lane: string,
    period: ActivePeriod,
    outcome: HandlingOutcome,
  ): Ended | Promise<Ended> {
    const { counts } = this.context;
    // The subscription was set to another place: whatever came of it, its turn comes again.
    const isForgotten = !this.seat.held.has(item);
    if (isForgotten && outcome.type !== 'handled') return;
    switch (outcome.type) {
      case 'handled':
        counts.handled++;
        return this.seat.settle(item);
      case 'retry':
        counts.retried++;
        item.begun = false;
        // The place may have been lost and won again since.
        (this.seat.period() ?? period).record.onFailed(item.sequence);
        // Another replica makes the next attempt; a wait would outlive the stop.
        if (this.context.stopping.aborted) return this.seat.letGo(item);
        return outcome.delayMs;
      case 'abandoned':
        return this.seat.letGo(item);
      case 'dead-letter':
        return this.bury(item, lane, outcome);
    }
  }

  private async bury(item: HeldEvent, lane: string, outcome: DeadLetterOutcome): Promise<void> {
    const { counts, poster, definition } = this.context;
    let isKept = await poster.post(letterOf(definition.name, item, outcome));
    if (isKept && definition.onDeadLetter === 'park') {
      isKept = (await poster.untilDone('parking of an aggregate', () => this.park(lane))) ?? false;
    }
    if (!isKept) return this.seat.letGo(item);
    counts.deadLettered++;
    this.seat.settle(item);
  }

  private async park(lane: string): Promise<true> {
    await this.seat.parked.park(lane);
    return true;
  }

  /** Nothing else runs meanwhile: should the process end, the next one knows by which event. */
  private async attemptAlone(item: HeldEvent, lane: string, period: ActivePeriod): Promise<Ended> {
    const ended = await this.runNoted(item, lane, period);
    if (this.seat.period() === period) {
      await this.context.poster.untilDone('end of caution', () => this.unlessLost(() => period.noteTried(item)));
    }
    return ended;
  }

  private async runNoted(item: HeldEvent, lane: string, period: ActivePeriod): Promise<Ended> {
    const { acks, definition, parts, poster } = this.context;
    if (this.seat.parked.has(lane)) return this.bury(item, lane, parkedBehind());
    // What was handled before has to be known as handled, should the process end now.
    acks.send();
    const next = await poster.untilDone('note of an attempt', async () => {
      // Its process may have ended between its letter and its settlement.
      const letter = { subscription: definition.name, ...item.event.position };
      if (period.isSuspect(item) && (await parts.letterBox.read(letter))) return 'known';
      if (period.record.isToBlame(item.sequence, definition.maxDeliver)) return 'blame';
      return (await this.unlessLost(() => period.record.beginAlone(item.sequence))) ? 'run' : 'lost';
    });
    if (next === 'run' && this.seat.period() === period) return this.run(item, lane, period);
    if (next === 'known') return this.bury(item, lane, parkedBehind());
    if (next === 'blame') {
      item.attempt = period.record.attemptsOf(item.sequence);
      return this.bury(item, lane, processEnded(item.attempt));
    }
    this.seat.letGo(item);
    this.seat.leavePlace();
  }

  /** @returns false when another replica is active */
  private async unlessLost(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (error) {
      if (error instanceof ActivationLost) return false;
      throw error;
    }
  }
}
