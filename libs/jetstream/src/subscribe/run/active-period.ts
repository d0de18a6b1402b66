import type { Delivery } from '../../scan/delivery.ts';
import { activationKey } from '../subscription-names.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { ActivationRecord } from './activation-record.ts';
import type { Caution } from './caution.ts';
import type { HeldEvent } from './held-event.ts';
import type { RunningContext } from './running-context.ts';

/** A time in which this replica is the active one in a stream. */
export class ActivePeriod {
  private delivered = 0;
  /** Suspects that came and have not run yet. */
  private readonly untried = new Set<HeldEvent>();
  private allCame = false;

  private constructor(
    readonly pinId: string,
    readonly record: ActivationRecord,
    /** Lanes whose events are kept back as dead letters. */
    readonly parkedLanes: Set<string>,
    private readonly caution: Caution,
  ) {
    if (this.isCareful) caution.ask(this);
  }

  /**
   * Notes who is active now, and lets the consumer begin anew behind all that is settled: it goes on behind what it
   * delivered to the one before otherwise, and later events would overtake those.
   *
   * @throws ActivationLost, ConsumerRefused, StoreUnavailable
   */
  static async begin(
    { parts, definition, caution }: RunningContext,
    consumer: SubscriptionConsumer,
    owner: string,
    pinId: string,
  ): Promise<ActivePeriod> {
    const { name, onDeadLetter } = definition;
    const stream = consumer.binding.name;
    const place = await parts.keeper.state(consumer);
    const record = await ActivationRecord.take(parts.bucket, activationKey(stream, name), owner, place);
    const parked = onDeadLetter === 'park' ? await parts.parked.load(name, stream) : [];
    await parts.keeper.resetToAckFloor(consumer);
    return new ActivePeriod(pinId, record, new Set(parked), caution);
  }

  /** True while events run one at a time, because an earlier process ended with them in hand. */
  get isCareful(): boolean {
    return this.record.suspectUpTo > 0;
  }

  isSuspect({ sequence }: HeldEvent): boolean {
    return sequence <= this.record.suspectUpTo;
  }

  /** @returns false when one is missing before it: somebody else got it, or it was lost */
  arrived({ consumerSequence }: Delivery): boolean {
    return consumerSequence === ++this.delivered;
  }

  /** A message came, be it an event to handle or none. */
  noteArrival({ sequence, pending }: Delivery, item: HeldEvent | undefined): void {
    if (!this.isCareful) return;
    if (item && this.isSuspect(item)) this.untried.add(item);
    if (sequence >= this.record.suspectUpTo || pending === 0) this.allCame = true;
  }

  /** The event has run, however that ended. @throws StoreUnavailable, ActivationLost */
  async noteTried(item: HeldEvent): Promise<void> {
    this.untried.delete(item);
    if (!this.isCareful || !this.allCame || this.untried.size > 0) return;
    await this.record.trustAll();
    this.caution.enough(this);
  }

  end(): void {
    this.caution.enough(this);
    this.record.close();
  }
}
