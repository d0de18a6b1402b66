import { type Msg, nuid } from '@nats-io/transport-node';
import { decodeRedelivery } from '../../dead-letter/redelivery-message.ts';
import { REDELIVERY_ACK_WAIT_MS } from '../../dead-letter/jetstream-redelivery-queue.ts';
import type { Delivery } from '../../scan/delivery.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { REDELIVERY_STREAM, lastAttemptKey, redeliveryDurableName } from '../subscription-names.ts';
import { type Errand, Errands, type RedeliveryAnswers } from './errands.ts';
import { HeldRedelivery } from './held-redelivery.ts';
import { InHand } from './in-hand.ts';
import { processEnded } from './letter-of.ts';
import type { Seat } from './ordered-handling.ts';
import { Prefetch } from './prefetch.ts';
import { PullLoop, type PullOwner } from './pull-loop.ts';
import { PauseCheck } from './pause-check.ts';
import type { RunningContext } from './running-context.ts';

type Ended = number | void;

/**
 * Hands over what a subscription gets again out of one stream: replayed events and redriven dead letters. They run beside
 * what is new; of an ordered subscription in the lanes of their aggregates, at the active replica.
 */
export class RedeliveryStream implements PullOwner, RedeliveryAnswers {
  private readonly held: InHand<HeldRedelivery>;
  private readonly prefetch: Prefetch;
  private readonly loop: PullLoop;
  private readonly stream: string;
  private readonly errands: Errands;
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
    this.errands = new Errands(context, stream, this, seat);
    this.held = new InHand(acks, REDELIVERY_ACK_WAIT_MS);
    this.prefetch = new Prefetch(concurrency);
    const options = {
      stream: REDELIVERY_STREAM,
      consumer: redeliveryDurableName(definition.name, stream),
      restore: async () => {
        // Of a subscription that was deleted nothing is to be left.
        await parts.keeper.declared(definition.name);
        await parts.redeliveries.ensureConsumer(definition.name, stream);
      },
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
    this.loop.begin();
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
    return this.isOpen ? this.prefetch.room(this.held, this.context.lanes.waitingBehind(this), expected) : 0;
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
    const errand = this.pauses.whenResumed(() => !this.held.has(item)).then(() => this.errands.lookUp(redelivery));
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
    if (this.context.stopping.aborted || (this.seat && !this.seat.period())) return this.giveBack(item);
    item.begun = true;
    return errand.run(item);
  }

  /** As with new events: what ran with processes that ended gets one attempt with nothing else running. */
  private async runLast(item: HeldRedelivery, errand: Errand): Promise<Ended> {
    const { lastAttempts, poster, definition, acks } = this.context;
    if (!this.held.has(item)) return;
    item.begun = true;
    const key = lastAttemptKey(this.stream, definition.name, `again-${item.sequence}`);
    const token = nuid.next();
    await acks.flush();
    const isFirst = await poster.untilDone('mark of a last attempt', () => lastAttempts.begin(key, token));
    if (isFirst === undefined) return this.giveBack(item);
    if (isFirst) await this.begin(item, errand);
    else if (await errand.bury(item, processEnded(item.attempt - 1))) this.settle(item);
    else this.giveBack(item);
    await poster.untilDone('end of a last attempt', () => lastAttempts.end(key));
  }

  settle(item: HeldRedelivery): void {
    this.held.remove(item);
    this.context.acks.ack(item.reply);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  giveBack(item: HeldRedelivery, delayMs = 0): void {
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
