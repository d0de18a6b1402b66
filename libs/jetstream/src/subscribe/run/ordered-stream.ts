import { setTimeout as pause } from 'node:timers/promises';
import { type RecordedEvent, laneOf } from '@annals/core';
import { type Msg, nuid } from '@nats-io/transport-node';
import { headerValue } from '../../header/header-block.ts';
import { NATS_HEADER } from '../../header/header-names.ts';
import { type StoredMessage, storedEvent } from '../../read/stored-message.ts';
import type { Delivery } from '../../scan/delivery.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { wakeSubject } from '../subscription-names.ts';
import type { SettledBeyond } from './activation-record.ts';
import { ActivePeriod } from './active-period.ts';
import { CarriedOver } from './carried-over.ts';
import { Checkpointing } from './checkpointing.ts';
import { consumerLoop } from './consumer-loop.ts';
import { HeldEvent } from './held-event.ts';
import { type Held, InHand, heldMessage } from './in-hand.ts';
import { OrderedHandling } from './ordered-handling.ts';
import { ParkedLanes } from './parked-lanes.ts';
import { PinLease } from './pin-lease.ts';
import { Prefetch } from './prefetch.ts';
import type { PullLoop, PullOwner } from './pull-loop.ts';
import { RedeliveryStream } from './redelivery-stream.ts';
import type { RunningContext, RunningStream } from './running-context.ts';
import { StandbyWatch } from './standby-watch.ts';
import { storedDelivery } from './stored-delivery.ts';

/** How long a replica leaves its place to one of another version of the service, which wants events that it does not. */
const REST_MS = 5_000;

/**
 * Handles what a consumer delivers to one replica at a time, in order within an aggregate.
 *
 * The server gives the place of the active replica to one that pulls, and tells so with the first message. Before that
 * replica handles anything it has everything that is not settled delivered anew, in order. From then on it gets every
 * message or knows that it did not; whatever breaks that, it begins anew. Failed events are never given back, which would
 * let later ones overtake them: they wait here.
 */
export class OrderedStream implements RunningStream, PullOwner {
  private readonly owner = nuid.next();
  private readonly held: InHand<Held>;
  private readonly prefetch: Prefetch;
  private readonly loop: PullLoop;
  private readonly lease: PinLease;
  private readonly checkpointing: Checkpointing;
  private readonly standbyWatch: StandbyWatch;
  private readonly wakeSubject: string;
  private readonly handlingOf: OrderedHandling;
  private readonly redeliveries: RedeliveryStream;
  private readonly parked: ParkedLanes;
  /** Counts changes of place: what was begun in an earlier one does not go on. */
  private epoch = 0;
  private phase: 'standby' | 'activating' | 'active' | 'closed' = 'standby';
  private period: ActivePeriod | undefined;
  /** Of the consumer, when this replica became the active one last. */
  private placement = '';
  /** What was settled when this replica was the active one before. */
  private settledEarlier: SettledBeyond | undefined;
  private readonly carried = new CarriedOver();
  private interrupted = false;

  constructor(
    private readonly context: RunningContext,
    private readonly consumer: SubscriptionConsumer,
  ) {
    const { parts, timing, definition, concurrency, acks } = context;
    this.held = new InHand(acks, timing.ackWaitMs);
    this.prefetch = new Prefetch(concurrency);
    this.checkpointing = new Checkpointing(parts, timing.checkpointMs, definition.name, consumer);
    this.standbyWatch = new StandbyWatch(parts, consumer, definition.name, timing);
    this.wakeSubject = wakeSubject(consumer.binding, definition.name);
    this.lease = new PinLease(parts.channel, consumer, timing.pinTimeoutMs, () => this.onPinLost());
    this.loop = consumerLoop(context, consumer, this);
    this.parked = new ParkedLanes(parts.parked, definition.name, consumer.binding.name);
    const seat = {
      held: this.held,
      parked: this.parked,
      period: () => (this.phase === 'active' && this.lease.held ? this.period : undefined),
      settle: (item: Held) => this.settle(item),
      letGo: (item: Held) => this.letGo(item),
      leavePlace: () => this.step(),
    };
    this.handlingOf = new OrderedHandling(context, consumer.binding.name, seat);
    this.redeliveries = new RedeliveryStream(context, consumer, seat);
  }

  get state(): RunningStream['state'] {
    if (this.interrupted || !this.context.parts.channel.connected) return 'reconnecting';
    return this.phase === 'active' ? 'active' : 'standby';
  }

  get inHand(): number {
    return this.held.size + this.redeliveries.inHand;
  }

  start(): void {
    this.checkpointing.start();
    this.openAsStandby();
  }

  async close(): Promise<void> {
    this.standbyWatch.stop();
    await Promise.all([this.loop.close(), this.redeliveries.close()]);
    this.dropWaiting();
  }

  /** The next replica need not wait until the place lapses. */
  async leave(): Promise<void> {
    this.held.close();
    await this.redeliveries.leave();
    const { period } = this;
    const isActive = this.phase === 'active' && this.lease.held;
    this.phase = 'closed';
    this.epoch++;
    try {
      if (period && isActive) {
        await period.record.leave(period.settledBeyond([...this.held].map(({ sequence }) => sequence)));
        await this.lease.giveUp();
      }
    } catch (error) {
      this.context.parts.logger.debug('the place of the active replica lapses by itself', { error });
    }
    this.lease.release();
    period?.end();
    await this.checkpointing.stop();
  }

  room(expected: number): number {
    const behind = this.context.lanes.waitingBehind(this);
    if (this.phase === 'active') return this.prefetch.room(this.held, behind, expected);
    return this.phase === 'standby' && expected === 0 ? 1 : 0;
  }

  onMessage(msg: Msg, delivery: Delivery): void {
    this.interrupted = false;
    if (this.context.stopping.aborted || this.phase === 'activating') return;
    const message = storedDelivery(this.consumer.binding.name, msg, delivery);
    const pinId = headerValue(message.headers, NATS_HEADER.pinId) ?? '';
    const { period } = this;
    if (!period || period.pinId !== pinId || !period.arrived(delivery)) return void this.activate(pinId);
    this.take(msg, delivery, message);
    this.loop.pull();
  }

  onInterrupted(): void {
    this.interrupted = true;
    this.leavePeriod();
    if (!this.context.stopping.aborted) this.standbyWatch.start();
  }

  onPinLost(): void {
    this.step();
  }

  onFailed(error: Error): void {
    this.context.fail(error);
  }

  private take(msg: Msg, delivery: Delivery, message: StoredMessage): void {
    const { acks, lanes, wants } = this.context;
    const reply = msg.reply!;
    if (message.subject === this.wakeSubject) {
      this.period!.noteArrival(delivery, undefined);
      return acks.ack(reply);
    }
    const known = this.held.get(delivery.sequence);
    if (known) {
      // It runs since before the consumer was set back.
      known.reply = reply;
      known.heldSinceMs = performance.now();
      this.carried.onDeliveredAgain(known);
      return;
    }
    if (this.carried.wasSettled(delivery.sequence) || this.period!.wasSettledBefore(delivery.sequence)) {
      this.period!.noteArrival(delivery, undefined);
      return acks.ack(reply);
    }
    const event = this.eventOf(message, msg, delivery);
    if (!event) return;
    const item = new HeldEvent(delivery.sequence, message.body.length, reply, delivery.deliveries, event, acks);
    this.held.add(item);
    this.prefetch.onArrived(item.bytes);
    const lane = laneOf(event);
    const isWanted = wants(event);
    this.period!.noteArrival(delivery, isWanted ? item : undefined);
    lanes.add(lane, () => (isWanted ? this.handlingOf.attempt(item, lane) : this.leaveToOthers(item)), this);
  }

  private eventOf(message: StoredMessage, msg: Msg, delivery: Delivery): RecordedEvent | undefined {
    try {
      return storedEvent(message);
    } catch (error) {
      const item = heldMessage(msg, delivery);
      this.held.add(item);
      this.period!.noteArrival(delivery, undefined);
      this.context.lanes.add(undefined, () => this.handlingOf.buryUnreadable(item, error as Error), this);
      return undefined;
    }
  }

  private async activate(pinId: string): Promise<void> {
    const { parts, timing, acks } = this.context;
    this.leavePeriod();
    const { epoch } = this;
    const isOver = (): boolean => this.epoch !== epoch || this.context.stopping.aborted;
    this.phase = 'activating';
    this.standbyWatch.stop();
    this.loop.interrupt();
    this.carried.begin();
    try {
      // From here on the server has what was settled, and knows that nobody listens to what was asked for before.
      await acks.flush();
      const isHeld = await this.lease.hold(pinId);
      if (isOver()) return;
      if (!isHeld) return this.step();
      const { owner, parked, settledEarlier } = this;
      const period = await ActivePeriod.begin(this.context, this.consumer, { owner, pinId, parked, settledEarlier });
      if (isOver()) return period.end();
      if (period.placement !== this.placement) this.forgetHeld();
      this.placement = period.placement;
      this.period = period;
      this.phase = 'active';
      this.loop.begin(pinId);
      this.redeliveries.open();
    } catch (error) {
      if (isOver()) return;
      parts.logger.debug('not active yet', { subscription: this.context.definition.name, error });
      this.leavePeriod();
      await pause(timing.retryMs);
      this.openAsStandby();
    }
  }

  /** Becomes a standby. What runs is finished: its answers are harmless. */
  private step(): void {
    if (this.phase === 'closed' || this.context.stopping.aborted) return;
    this.leavePeriod();
    this.openAsStandby();
  }

  private openAsStandby(): void {
    if (this.phase !== 'standby' || this.context.stopping.aborted) return;
    this.loop.begin();
    this.standbyWatch.start();
  }

  private leavePeriod(): void {
    if (this.phase === 'closed') return;
    this.epoch++;
    this.phase = 'standby';
    this.lease.release();
    this.redeliveries.interrupt();
    this.dropWaiting();
    this.carried.take(this.held);
    if (this.period) this.settledEarlier = this.period.settledBeyond([...this.held].map(({ sequence }) => sequence));
    this.period?.end();
    this.period = undefined;
  }

  private dropWaiting(): void {
    this.context.lanes.clear(this);
    for (const { sequence } of this.held.removeWaiting()) this.period?.noteLetGo(sequence);
  }

  /** The subscription was set to another place. What runs still comes again, in its turn there: it is not settled before. */
  private forgetHeld(): void {
    for (const item of this.held) this.held.remove(item);
    this.carried.forget();
  }

  private letGo(item: Held): void {
    this.held.remove(item);
    this.period?.noteLetGo(item.sequence);
  }

  private settle(item: Held): void {
    if (!this.held.has(item)) return;
    this.held.remove(item);
    this.context.acks.ack(item.reply);
    this.carried.onSettled(item);
    this.period?.record.onSettled(item.sequence);
    this.prefetch.onSettled();
    this.loop.pull();
  }

  /** As in a shared subscription; only the active replica can take an event, so another one has to become it. */
  private async leaveToOthers(item: HeldEvent): Promise<void> {
    const wanted = await this.context.declared.wants(item.event).catch(() => true);
    if (!this.held.has(item)) return;
    if (!wanted) return this.settle(item);
    this.leavePeriod();
    this.standbyWatch.stop();
    this.loop.interrupt();
    await this.lease.giveUp().catch(() => undefined);
    const { epoch } = this;
    setTimeout(() => {
      if (this.epoch === epoch) this.openAsStandby();
    }, REST_MS).unref();
  }
}
