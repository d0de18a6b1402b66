import { type RecordedEvent, type HandlingOutcome, asReplayed, laneOf } from '@annals/core';
import type { Msg } from '@nats-io/transport-node';
import { decodeRedelivery } from '../../dead-letter/redelivery-message.ts';
import { REDELIVERY_ACK_WAIT_MS } from '../../dead-letter/jetstream-redelivery-queue.ts';
import type { Redelivery } from '../../dead-letter/redelivery.ts';
import type { StoredLetter } from '../../dead-letter/letter-box.ts';
import { storedEvent } from '../../read/stored-message.ts';
import type { Delivery } from '../../scan/delivery.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { REDELIVERY_STREAM, lastAttemptKey, redeliveryDurableName } from '../subscription-names.ts';
import { HeldRedelivery } from './held-redelivery.ts';
import { InHand } from './in-hand.ts';
import { letterOf, parkedBehind, processEnded } from './letter-of.ts';
import type { Seat } from './ordered-handling.ts';
import { Prefetch } from './prefetch.ts';
import { PullLoop, type PullOwner } from './pull-loop.ts';
import { PauseCheck } from './pause-check.ts';
import type { RunningContext } from './running-context.ts';

type DeadLetterOutcome = Extract<HandlingOutcome, { type: 'dead-letter' }>;
type Ended = number | void;

/** What a redelivery asks for, once it is known. */
interface Errand {
  /** Undefined where the event waits for no other. */
  readonly lane: string | undefined;
  readonly run: (item: HeldRedelivery) => Promise<Ended>;
  /** Gives up on it. */
  readonly bury: (item: HeldRedelivery, outcome: DeadLetterOutcome) => Promise<boolean>;
}

/**
 * Hands over what a subscription gets again out of one stream: replayed events and redriven dead letters. They run beside
 * what is new; of an ordered subscription in the lanes of their aggregates, at the active replica.
 */
export class RedeliveryStream implements PullOwner {
  private readonly held: InHand<HeldRedelivery>;
  private readonly prefetch: Prefetch;
  private readonly loop: PullLoop;
  private readonly stream: string;
  private readonly pauses: PauseCheck;
  private isOpen = false;
  /** Keeps the order of arrival while what they are about is looked up. */
  private lookedUp: Promise<void> = Promise.resolve();

  /** @param seat for an ordered subscription */
  constructor(
    private readonly context: RunningContext,
    consumer: SubscriptionConsumer,
    private readonly seat?: Seat,
  ) {
    const { parts, timing, definition, concurrency, acks } = context;
    const stream = consumer.binding.name;
    this.stream = stream;
    this.pauses = new PauseCheck(parts, consumer);
    this.held = new InHand(acks, REDELIVERY_ACK_WAIT_MS);
    this.prefetch = new Prefetch(concurrency);
    const options = {
      stream: REDELIVERY_STREAM,
      consumer: redeliveryDurableName(definition.name, stream),
      restore: () => parts.redeliveries.ensureConsumer(definition.name, stream),
      retryMs: timing.retryMs,
      logger: parts.logger,
    };
    this.loop = new PullLoop(parts.channel, options, this);
  }

  get inHand(): number {
    return this.held.size;
  }

  open(): void {
    this.isOpen = true;
    this.loop.open();
  }

  /** Gives back what was not begun, until it is opened again. */
  interrupt(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.loop.interrupt();
    this.giveBackWaiting();
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.loop.close();
    this.giveBackWaiting();
  }

  leave(): Promise<void> {
    this.held.close();
    return Promise.resolve();
  }

  room(expected: number): number {
    return this.isOpen ? this.prefetch.room(this.held.size, this.held.bytes, expected) : 0;
  }

  onInterrupted(): void {}

  onPinLost(): void {}

  onFailed(error: Error): void {
    this.context.fail(error);
  }

  onMessage(msg: Msg, delivery: Delivery): void {
    const { acks, stopping } = this.context;
    const reply = msg.reply!;
    if (stopping.aborted || !this.isOpen) return acks.nak(reply);
    const known = this.held.get(delivery.sequence);
    if (known) {
      known.reply = reply;
      known.deliveries = delivery.deliveries;
      return;
    }
    const redelivery = decodeRedelivery(msg.subject, msg.data);
    if (!redelivery) return acks.ack(reply);
    const earlyMs = (redelivery.notBeforeMs ?? 0) - Date.now();
    // Its first delivery, which does not count as an attempt, is only that it is put off.
    if (earlyMs > 0) return acks.nak(reply, earlyMs);
    const isPutOff = redelivery.notBeforeMs !== undefined && delivery.deliveries > 1;
    const item = new HeldRedelivery(delivery.sequence, msg.data.length, reply, delivery.deliveries, isPutOff);
    this.held.add(item);
    const errand = this.pauses.whenResumed(() => !this.held.has(item)).then(() => this.lookUp(redelivery));
    this.lookedUp = this.lookedUp.then(async () => this.enqueue(item, await errand));
    this.loop.pull();
  }

  private enqueue(item: HeldRedelivery, errand: Errand | 'nothing' | undefined): void {
    const { lanes, definition } = this.context;
    if (!this.held.has(item)) return;
    if (errand === undefined) return this.giveBack(item);
    if (errand === 'nothing') return this.settle(item);
    if (item.attempt > definition.maxDeliver) lanes.alone(() => this.runLast(item, errand), this);
    else lanes.add(errand.lane, () => this.begin(item, errand), this);
  }

  private begin(item: HeldRedelivery, errand: Errand): Ended | Promise<Ended> {
    if (!this.held.has(item)) return;
    if (this.seat && !this.seat.period()) return this.giveBack(item);
    item.begun = true;
    return errand.run(item);
  }

  /** As with new events: what ran with processes that ended gets one attempt with nothing else running. */
  private async runLast(item: HeldRedelivery, errand: Errand): Promise<Ended> {
    const { lastAttempts, poster, definition, acks } = this.context;
    if (!this.held.has(item)) return;
    item.begun = true;
    const key = lastAttemptKey(this.stream, definition.name, `again-${item.sequence}`);
    await acks.flush();
    const isFirst = await poster.untilDone('mark of a last attempt', () => lastAttempts.begin(key));
    if (isFirst === undefined) return this.giveBack(item);
    if (isFirst) await this.begin(item, errand);
    else if (await errand.bury(item, processEnded(item.attempt - 1))) this.settle(item);
    else this.giveBack(item);
    await poster.untilDone('end of a last attempt', () => lastAttempts.end(key));
  }

  private lookUp(redelivery: Redelivery): Promise<Errand | 'nothing' | undefined> {
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
      if (lane !== undefined && this.seat?.period()?.parkedLanes.has(lane)) {
        return (await bury(item, parkedBehind())) ? this.settle(item) : this.giveBack(item);
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
    const { poster, definition, parts } = this.context;
    for (;;) {
      const letter = await poster.untilDone(
        'look at dead letters',
        async () => (await this.firstLetter(lane)) ?? 'none',
      );
      if (letter === undefined) return this.giveBack(item);
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
      if (!settled || this.context.stopping.aborted || (this.seat && !this.seat.period())) return this.giveBack(item);
    }
    // In the turn of the lane: no event of it is being posted as parked meanwhile.
    const unparked = await poster.untilDone('end of parking', async () => {
      await parts.parked.unpark(definition.name, this.stream, lane);
      return true;
    });
    if (!unparked) return this.giveBack(item);
    this.seat?.period()?.parkedLanes.delete(lane);
    this.settle(item);
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
          return this.giveBack(item);
        }
        return this.settle(item);
      }
      case 'retry':
        counts.retried++;
        if (!this.seat) return this.giveBack(item, outcome.delayMs);
        item.begun = false;
        item.failures++;
        return outcome.delayMs;
      case 'abandoned':
        return this.giveBack(item);
      case 'dead-letter':
        if (!(await then.bury(item, outcome))) return this.giveBack(item);
        counts.deadLettered++;
        return this.settle(item);
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

  private settle(item: HeldRedelivery): void {
    this.held.remove(item);
    this.context.acks.ack(item.reply);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  private giveBack(item: HeldRedelivery, delayMs = 0): void {
    this.held.remove(item);
    this.context.acks.nak(item.reply, delayMs);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  private giveBackWaiting(): void {
    this.context.lanes.clear(this);
    for (const { reply } of this.held.removeWaiting()) this.context.acks.nak(reply);
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
