import { type HandlingOutcome, type RecordedEvent, asReplayed, laneOf } from '@annals/core';
import type { StoredLetter } from '../../dead-letter/letter-box.ts';
import type { Redelivery } from '../../dead-letter/redelivery.ts';
import { storedEvent } from '../../read/stored-message.ts';
import type { HeldRedelivery } from './held-redelivery.ts';
import { letterOf, parkedBehind } from './letter-of.ts';
import type { Seat } from './ordered-handling.ts';
import type { RunningContext } from './running-context.ts';

type DeadLetterOutcome = Extract<HandlingOutcome, { type: 'dead-letter' }>;
type Ended = number | void;

/** What a redelivery asks for, once it is known. */
export interface Errand {
  /** Undefined where the event waits for no other. */
  readonly lane: string | undefined;
  readonly run: (item: HeldRedelivery) => Promise<Ended>;
  /** Gives up on it. */
  readonly bury: (item: HeldRedelivery, outcome: DeadLetterOutcome) => Promise<boolean>;
}

/** How a redelivery is answered. */
export interface RedeliveryAnswers {
  settle(item: HeldRedelivery): void;
  /** At once unless told otherwise. */
  giveBack(item: HeldRedelivery, delayMs?: number): void;
}

/** Finds out what redeliveries ask for, and does it. */
export class Errands {
  /** @param seat for an ordered subscription */
  constructor(
    private readonly context: RunningContext,
    private readonly stream: string,
    private readonly answers: RedeliveryAnswers,
    private readonly seat: Seat | undefined,
  ) {}

  /** @returns `'nothing'` when there is nothing to do, undefined when the stop came first */
  lookUp(redelivery: Redelivery): Promise<Errand | 'nothing' | undefined> {
    const { definition, poster } = this.context;
    return poster.untilDone('look at what is redelivered', () => {
      if (redelivery.cause === 'replay') return this.replayOf(redelivery);
      return definition.onDeadLetter === 'park' ? this.laneRedriveOf(redelivery) : this.redriveOf(redelivery);
    });
  }

  private async replayOf({ sequence, replayId = '' }: Redelivery): Promise<Errand | 'nothing'> {
    const stored = await this.eventAt(sequence);
    if (!stored) return 'nothing';
    const event = asReplayed(stored, replayId);
    const lane = this.laneOf(event);
    const bury = (item: HeldRedelivery, outcome: DeadLetterOutcome) =>
      this.post(letterOf(this.context.definition.name, { event, attempt: item.attempt }, outcome));
    const run = async (item: HeldRedelivery): Promise<Ended> => {
      if (lane !== undefined && this.seat?.parked.has(lane)) {
        return (await bury(item, parkedBehind())) ? this.answers.settle(item) : this.answers.giveBack(item);
      }
      const outcome = await this.handle(item, event, { cause: 'replay', replayId });
      return this.conclude(item, outcome, { bury, handled: undefined });
    };
    return { lane, run, bury };
  }

  private async redriveOf(redelivery: Redelivery): Promise<Errand | 'nothing'> {
    const letter = await this.context.parts.letterBox.read(redelivery);
    if (!letter) return 'nothing';
    const event = eventOf(letter);
    const bury = (item: HeldRedelivery, outcome: DeadLetterOutcome) => this.postAgain(letter, item, outcome);
    const run = async (item: HeldRedelivery): Promise<Ended> => {
      const outcome = event instanceof Error ? unreadable(event) : await this.handle(item, event, { cause: 'redrive' });
      return this.conclude(item, outcome, { bury, handled: () => this.context.parts.letterBox.settle(letter.key) });
    };
    return { lane: event instanceof Error ? undefined : this.laneOf(event), run, bury };
  }

  private async laneRedriveOf(redelivery: Redelivery): Promise<Errand | 'nothing'> {
    const letter = redelivery.lane === undefined ? await this.context.parts.letterBox.read(redelivery) : undefined;
    const lane = redelivery.lane ?? letter?.lane ?? (await this.laneAt(redelivery.sequence));
    // An event that nobody can read has no aggregate.
    if (lane === undefined) return letter ? this.redriveOf(redelivery) : 'nothing';
    const bury = async (item: HeldRedelivery, outcome: DeadLetterOutcome): Promise<boolean> => {
      const first = await this.firstLetter(lane);
      return first === undefined || this.postAgain(first, item, outcome);
    };
    return { lane, run: (item) => this.redriveLane(item, lane), bury };
  }

  /** All letters of a parked aggregate, and then its new events again. */
  private async redriveLane(item: HeldRedelivery, lane: string): Promise<Ended> {
    const { poster, parts } = this.context;
    for (;;) {
      const letter = await poster.untilDone(
        'look at dead letters',
        async () => (await this.firstLetter(lane)) ?? 'none',
      );
      if (letter === undefined) return this.answers.giveBack(item);
      if (letter === 'none') break;
      const event = eventOf(letter);
      const outcome = event instanceof Error ? unreadable(event) : await this.handle(item, event, { cause: 'redrive' });
      if (outcome.type !== 'handled') {
        const bury = (_: HeldRedelivery, why: DeadLetterOutcome) => this.postAgain(letter, item, why);
        return this.conclude(item, outcome, { bury, handled: undefined });
      }
      this.context.counts.handled++;
      item.failures = 0;
      item.isPutOff = false;
      const settled = await poster.untilDone('end of a dead letter', async () => {
        await parts.letterBox.settle(letter.key);
        return true;
      });
      if (!settled || this.context.stopping.aborted || (this.seat && !this.seat.period()))
        return this.answers.giveBack(item);
    }
    // In the turn of the lane: no event of it is being posted as parked meanwhile.
    const unparked = await poster.untilDone('end of parking', async () => {
      await this.seat?.parked.unpark(lane);
      return true;
    });
    if (!unparked) return this.answers.giveBack(item);
    this.answers.settle(item);
  }

  private async firstLetter(lane: string): Promise<StoredLetter | undefined> {
    const { parts, definition } = this.context;
    for (const key of await parts.letterBox.ofAggregate(definition.name, this.stream, lane)) {
      const letter = await parts.letterBox.read(key);
      if (letter) return letter;
    }
    return undefined;
  }

  private handle(
    item: HeldRedelivery,
    event: RecordedEvent,
    about: { readonly cause: 'replay' | 'redrive'; readonly replayId?: string },
  ): HandlingOutcome | Promise<HandlingOutcome> {
    const onExtend = (): void => this.context.acks.extend(item.reply);
    return this.context.handling.handle(event, { attempt: item.attempt, onExtend, ...about });
  }

  private async conclude(
    item: HeldRedelivery,
    outcome: HandlingOutcome,
    then: {
      readonly bury: (item: HeldRedelivery, outcome: DeadLetterOutcome) => Promise<boolean>;
      readonly handled: (() => Promise<void>) | undefined;
    },
  ): Promise<Ended> {
    const { counts, poster } = this.context;
    switch (outcome.type) {
      case 'handled': {
        counts.handled++;
        const { handled } = then;
        if (handled && !(await poster.untilDone('end of a dead letter', () => handled().then(() => true)))) {
          return this.answers.giveBack(item);
        }
        return this.answers.settle(item);
      }
      case 'retry':
        counts.retried++;
        // A wait here would outlive the stop.
        if (!this.seat || this.context.stopping.aborted) return this.answers.giveBack(item, outcome.delayMs);
        item.begun = false;
        item.failures++;
        return outcome.delayMs;
      case 'abandoned':
        return this.answers.giveBack(item);
      case 'dead-letter':
        if (!(await then.bury(item, outcome))) return this.answers.giveBack(item);
        counts.deadLettered++;
        return this.answers.settle(item);
    }
  }

  private post(about: Parameters<RunningContext['poster']['post']>[0]): Promise<boolean> {
    return this.context.poster.post(about);
  }

  private async postAgain(letter: StoredLetter, item: HeldRedelivery, outcome: DeadLetterOutcome): Promise<boolean> {
    const { poster, parts } = this.context;
    const { kind, reason, error } = outcome;
    const { key, message, lane } = letter;
    const redrives = letter.redrives + 1;
    const posted = await poster.untilDone('dead letter that failed again', async () => {
      await parts.letterBox.post({ key, message, lane, kind, reason, error, attempts: item.attempt, redrives });
      return true;
    });
    return posted ?? false;
  }

  private async eventAt(sequence: number): Promise<RecordedEvent | undefined> {
    const message = await this.context.leader.message(this.stream, { seq: sequence });
    if (!message) return undefined;
    try {
      return storedEvent(message);
    } catch (error) {
      this.context.parts.logger.warn('a message that is no event cannot be replayed', { sequence, error });
      return undefined;
    }
  }

  private async laneAt(sequence: number): Promise<string | undefined> {
    const event = await this.eventAt(sequence);
    return event && laneOf(event);
  }

  private laneOf(event: RecordedEvent): string | undefined {
    return this.seat ? laneOf(event) : undefined;
  }
}

function eventOf(letter: StoredLetter): RecordedEvent | Error {
  try {
    return storedEvent(letter.message);
  } catch (error) {
    return error as Error;
  }
}

function unreadable(error: Error): DeadLetterOutcome {
  return { type: 'dead-letter', kind: 'unreadable', reason: error.message };
}
