import type { Delivery } from '../../scan/delivery.ts';
import { activationKey } from '../subscription-names.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import { ActivationRecord, type SettledBeyond } from './activation-record.ts';
import type { Caution } from './caution.ts';
import type { HeldEvent } from './held-event.ts';
import type { ParkedLanes } from './parked-lanes.ts';
import type { RunningContext } from './running-context.ts';

/** A replica that becomes the active one. */
export interface Candidate {
  readonly owner: string;
  readonly pinId: string;
  readonly parked: ParkedLanes;
  /** By itself, when it was the active one before. */
  readonly settledEarlier: SettledBeyond | undefined;
}

/** A time in which this replica is the active one in a stream. */
export class ActivePeriod {
  private delivered = 0;
  /** Stream sequence of the newest message. */
  private highest = 0;
  /** What came and was let go without being settled. */
  private readonly letGo = new Set<number>();
  private readonly notSettledBefore: ReadonlySet<number>;
  /** Suspects that came and have not run yet. */
  private readonly untried = new Set<HeldEvent>();
  private allCame = false;

  private constructor(
    readonly pinId: string,
    readonly record: ActivationRecord,
    private readonly caution: Caution,
    /** Of the consumer. */
    readonly placement: string,
  ) {
    this.notSettledBefore = new Set(record.settledBefore?.except);
    if (this.isCareful) caution.ask(this);
  }

  /**
   * Notes who is active now, and lets the consumer begin anew behind all that is settled: it goes on behind what it
   * delivered to the one before otherwise, and later events would overtake those.
   *
   * @param candidate who becomes the active one, and what it settled when it was that before
   * @throws ActivationLost, ConsumerRefused, StoreUnavailable
   */
  static async begin(
    { parts, definition, caution }: RunningContext,
    consumer: SubscriptionConsumer,
    { owner, pinId, parked, settledEarlier }: Candidate,
  ): Promise<ActivePeriod> {
    const { name, onDeadLetter } = definition;
    const stream = consumer.binding.name;
    const place = await parts.keeper.state(consumer);
    const record = await ActivationRecord.take(parts.bucket, activationKey(stream, name), owner, place, settledEarlier);
    if (onDeadLetter === 'park') await parked.load();
    await parts.keeper.resetToAckFloor(consumer);
    const period = new ActivePeriod(pinId, record, caution, place.placement);
    parts.logger.info(`active in subscription ${name}`, {
      stream,
      ...(period.isCareful && { oneAtATimeUpTo: record.suspectUpTo }),
    });
    return period;
  }

  /** True while events run one at a time, because an earlier process ended with them in hand. */
  get isCareful(): boolean {
    return this.record.suspectUpTo > 0;
  }

  isSuspect({ sequence }: HeldEvent): boolean {
    return sequence <= this.record.suspectUpTo;
  }

  /** @returns false when one is missing before it: somebody else got it, or it was lost */
  arrived({ consumerSequence, sequence }: Delivery): boolean {
    if (consumerSequence !== ++this.delivered) return false;
    this.highest = Math.max(this.highest, sequence);
    return true;
  }

  /** True for an event that was settled earlier, and comes again because an older one was not. */
  wasSettledBefore(sequence: number): boolean {
    const { settledBefore } = this.record;
    return settledBefore !== undefined && sequence <= settledBefore.upTo && !this.notSettledBefore.has(sequence);
  }

  noteLetGo(sequence: number): void {
    this.letGo.add(sequence);
  }

  /** @param alsoOpen what runs still */
  settledBeyond(alsoOpen: Iterable<number> = []): SettledBeyond {
    const { settledBefore } = this.record;
    const { placement } = this;
    const open = new Set([...this.letGo, ...alsoOpen]);
    // It may have ended before all that was settled earlier had come again.
    if (!settledBefore || settledBefore.upTo <= this.highest)
      return { placement, upTo: this.highest, except: [...open] };
    for (const sequence of settledBefore.except) if (sequence > this.highest) open.add(sequence);
    return { placement, upTo: settledBefore.upTo, except: [...open] };
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
