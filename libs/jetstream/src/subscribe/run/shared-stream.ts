import { type HandlingOutcome, type RecordedEvent, backoffAfter } from '@annals/core';
import { type Msg, nuid } from '@nats-io/transport-node';
import { storedEvent } from '../../read/stored-message.ts';
import type { Delivery } from '../../scan/delivery.ts';
import { failedAttemptsKey, lastAttemptKey } from '../subscription-names.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { Checkpointing } from './checkpointing.ts';
import { consumerLoop } from './consumer-loop.ts';
import { HeldEvent } from './held-event.ts';
import { type Held, InHand, heldMessage } from './in-hand.ts';
import { letterOf, processEnded, unreadableLetter } from './letter-of.ts';
import { Prefetch } from './prefetch.ts';
import type { PullLoop, PullOwner } from './pull-loop.ts';
import { RedeliveryStream } from './redelivery-stream.ts';
import type { RunningContext, RunningStream } from './running-context.ts';
import { storedDelivery } from './stored-delivery.ts';

/** Until a replica of another version of the service is offered an event that only it wants. */
const FOREIGN_DELAY_MS = 1_000;

/**
 * Handles what a consumer delivers that all replicas share: each event by itself, in no order. Attempts are the server's
 * deliveries; one that failed is given back to be delivered again.
 */
export class SharedStream implements RunningStream, PullOwner {
  private readonly held: InHand<Held>;
  private readonly prefetch: Prefetch;
  private readonly loop: PullLoop;
  private readonly checkpointing: Checkpointing;
  private readonly redeliveries: RedeliveryStream;
  private interrupted = false;

  constructor(
    private readonly context: RunningContext,
    private readonly consumer: SubscriptionConsumer,
  ) {
    const { parts, timing, definition, concurrency, acks } = context;
    this.held = new InHand(acks, timing.ackWaitMs);
    this.prefetch = new Prefetch(concurrency);
    this.checkpointing = new Checkpointing(parts, timing.checkpointMs, definition.name, consumer);
    this.loop = consumerLoop(context, consumer, this);
    this.redeliveries = new RedeliveryStream(context, consumer);
  }

  get state(): RunningStream['state'] {
    return this.interrupted || !this.context.parts.channel.connected ? 'reconnecting' : 'active';
  }

  get inHand(): number {
    return this.held.size + this.redeliveries.inHand;
  }

  start(): void {
    this.checkpointing.start();
    this.loop.begin();
    this.redeliveries.open();
  }

  async close(): Promise<void> {
    await Promise.all([this.loop.close(), this.redeliveries.close()]);
    this.context.lanes.clear(this);
    for (const { reply } of this.held.removeWaiting()) this.context.acks.nak(reply);
  }

  async leave(): Promise<void> {
    this.held.close();
    await this.redeliveries.leave();
    await this.checkpointing.stop();
  }

  room(expected: number): number {
    return this.prefetch.room(this.held, 0, expected);
  }

  onInterrupted(): void {
    this.interrupted = true;
  }

  onPinLost(): void {}

  onFailed(error: Error): void {
    this.context.fail(error);
  }

  onMessage(msg: Msg, delivery: Delivery): void {
    const { acks, lanes, definition, stopping } = this.context;
    const reply = msg.reply!;
    this.interrupted = false;
    if (stopping.aborted) return acks.nak(reply);
    const known = this.held.get(delivery.sequence);
    if (known) {
      // It was overdue, or the subscription was set back: the newest delivery is the one to answer.
      known.reply = reply;
      known.deliveries = delivery.deliveries;
      return;
    }
    const message = storedDelivery(this.consumer.binding.name, msg, delivery);
    const { sequence, deliveries } = delivery;
    let event: RecordedEvent;
    try {
      event = storedEvent(message);
    } catch (error) {
      this.takeUnreadable(heldMessage(msg, delivery), error as Error);
      return;
    }
    const item = new HeldEvent(sequence, message.body.length, reply, deliveries, event, acks);
    this.held.add(item);
    this.prefetch.onArrived(item.bytes);
    if (!this.context.wants(event)) {
      lanes.add(undefined, () => this.leaveToOthers(item), this);
    } else if (deliveries > definition.maxDeliver) lanes.alone(() => this.attemptLast(item), this);
    else lanes.add(undefined, () => this.attempt(item), this);
    this.loop.pull();
  }

  private takeUnreadable(item: Held, error: Error): void {
    this.held.add(item);
    this.context.lanes.add(undefined, () => this.buryUnreadable(item, error), this);
    this.loop.pull();
  }

  private attempt(item: HeldEvent): void | Promise<void> {
    if (!this.held.has(item)) return;
    if (this.context.stopping.aborted) return this.giveBack(item, 0);
    item.begun = true;
    item.attempt = item.deliveries;
    const outcome = this.context.handling.handle(item.event, item);
    return outcome instanceof Promise
      ? outcome.then((known) => this.conclude(item, known))
      : this.conclude(item, outcome);
  }

  private conclude(item: HeldEvent, outcome: HandlingOutcome): void | Promise<void> {
    const { counts, acks } = this.context;
    switch (outcome.type) {
      case 'handled':
        counts.handled++;
        return this.settle(item);
      case 'retry':
        return this.retry(item, outcome);
      case 'abandoned':
        this.held.remove(item);
        return acks.nak(item.reply);
      case 'dead-letter':
        return outcome.kind === 'attempts-exhausted' ? this.buryIfExhausted(item, outcome) : this.bury(item, outcome);
    }
  }

  private async retry(item: HeldEvent, { delayMs }: Extract<HandlingOutcome, { type: 'retry' }>): Promise<void> {
    await this.countFailure(item);
    this.context.counts.retried++;
    this.giveBack(item, delayMs);
  }

  /** Deliveries are at an end, attempts perhaps not: some of them were given back by processes that stopped. */
  private async buryIfExhausted(
    item: HeldEvent,
    outcome: Extract<HandlingOutcome, { type: 'dead-letter' }>,
  ): Promise<void> {
    const { maxDeliver, backoffMs } = this.context.definition;
    const failed = await this.countFailure(item);
    if (failed !== undefined && failed < maxDeliver) {
      this.context.counts.retried++;
      return this.giveBack(item, backoffAfter(failed, backoffMs));
    }
    if (failed !== undefined) item.attempt = failed;
    await this.bury(item, outcome);
  }

  /** @returns undefined when the stop came first */
  private async countFailure(item: HeldEvent): Promise<number | undefined> {
    const { failedAttempts, poster, definition } = this.context;
    if (definition.maxDeliver === 1) return 1;
    const key = failedAttemptsKey(this.consumer.binding.name, definition.name, item.sequence);
    return poster.untilDone('count of failed attempts', () => failedAttempts.add(key, item.attempt === 1));
  }

  private async bury(item: HeldEvent, outcome: Extract<HandlingOutcome, { type: 'dead-letter' }>): Promise<void> {
    const { counts, poster, definition } = this.context;
    if (!(await poster.post(letterOf(definition.name, item, outcome)))) return this.giveBack(item, 0);
    counts.deadLettered++;
    this.settle(item);
  }

  /** Nothing else runs meanwhile: should the process end, the event is to blame. */
  private async attemptLast(item: HeldEvent): Promise<void> {
    const { parts, lastAttempts, poster, definition, acks } = this.context;
    if (!this.held.has(item)) return;
    item.begun = true;
    const key = lastAttemptKey(this.consumer.binding.name, definition.name, item.sequence);
    const token = nuid.next();
    const letter = { subscription: definition.name, ...item.event.position };
    // What was handled before has to be known as handled, should the process end now.
    await acks.flush();
    const next = await poster.untilDone('mark of a last attempt', async () => {
      if (await parts.letterBox.read(letter)) return 'settle';
      return (await lastAttempts.begin(key, token)) ? 'run' : 'bury';
    });
    if (next === undefined) return this.giveBack(item, 0);
    if (next === 'settle') this.settle(item);
    else if (next === 'bury') {
      item.attempt = item.deliveries - 1;
      await this.bury(item, processEnded(item.attempt));
    } else await this.attempt(item);
    await poster.untilDone('end of a last attempt', () => lastAttempts.end(key));
  }

  private settle(item: Held): void {
    this.held.remove(item);
    this.context.acks.ack(item.reply);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  private giveBack(item: Held, delayMs: number): void {
    this.held.remove(item);
    this.context.acks.nak(item.reply, delayMs);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  /** The consumer lets more through than this process wants: nobody does, or another version of the service. */
  private async leaveToOthers(item: HeldEvent): Promise<void> {
    item.begun = true;
    try {
      if (await this.context.declared.wants(item.event)) this.giveBack(item, FOREIGN_DELAY_MS);
      else this.settle(item);
    } catch {
      this.giveBack(item, FOREIGN_DELAY_MS);
    }
  }

  private async buryUnreadable(item: Held, error: Error): Promise<void> {
    const { counts, poster, definition } = this.context;
    if (!this.held.has(item)) return;
    item.begun = true;
    if (!(await poster.post(unreadableLetter(definition.name, this.consumer.binding.name, item, error)))) {
      return this.giveBack(item, 0);
    }
    counts.deadLettered++;
    this.settle(item);
  }
}
