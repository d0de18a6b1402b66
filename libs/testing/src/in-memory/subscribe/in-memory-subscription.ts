import { setImmediate } from 'node:timers';
import {
  type CheckedHandling,
  type CheckedStart,
  type Clock,
  type EventHandler,
  type RewindPreview,
  type SubscriptionDefinition,
  type SubscriptionStatus,
  laneOf,
} from '@annals/core';
import type { LetterShelf } from '../dead-letter/letter-shelf.ts';
import type { EventLog } from '../event-log.ts';
import type { StoredEvent } from '../stored-event.ts';
import { Backlog, type Redelivery } from './backlog.ts';
import { Replica, type SharedWork } from './replica.ts';

/** Handed over without letting anything else of the process run. */
const MAX_AT_ONCE = 1_000;
/** A subscription that has settled nothing for so long while events wait is stalled. */
const STALLED_AFTER_MS = 60_000;

/** A subscription by its name: its place, its replicas, and who of them gets what. */
export class InMemorySubscription implements SharedWork {
  readonly backlog: Backlog;
  readonly parked = new Set<string>();
  readonly #createdMs: number;
  readonly #replicas: Replica[] = [];
  readonly #forgetLog: () => void;
  #definition: SubscriptionDefinition;
  #paused = false;
  #woken = false;
  #turn = 0;

  constructor(
    definition: SubscriptionDefinition,
    from: CheckedStart,
    log: EventLog,
    readonly letters: LetterShelf,
    private readonly clock: Clock,
  ) {
    this.#definition = definition;
    this.#createdMs = clock.now();
    this.backlog = new Backlog(log, clock, definition.filter, from, () => this.onChange());
    this.#forgetLog = log.onGrowth(() => this.onChange());
  }

  get definition(): SubscriptionDefinition {
    return this.#definition;
  }

  /** Brings it to these options; it goes on where it stands. */
  redefine(definition: SubscriptionDefinition): void {
    this.#definition = definition;
    this.backlog.filter = definition.filter;
    if (definition.onDeadLetter === 'continue') this.parked.clear();
  }

  get hasReplicas(): boolean {
    return this.#replicas.length > 0;
  }

  join(options: CheckedHandling, handler: EventHandler): Replica {
    const replica = new Replica(this.#definition, options, handler, this);
    this.#replicas.push(replica);
    this.onChange();
    return replica;
  }

  leave(replica: Replica): void {
    this.#replicas.splice(this.#replicas.indexOf(replica), 1);
    this.onChange();
  }

  /** The one that has been there for the longest time; it stays so until all that it has in hand is finished. */
  isActive(replica: Replica): boolean {
    return this.#replicas[0] === replica;
  }

  /** Hands over what is due, once the code that runs now is done: an append must not run handlers. */
  onChange(): void {
    if (this.#woken) return;
    this.#woken = true;
    void Promise.resolve().then(() => this.#handOver());
  }

  pause(): void {
    this.#paused = true;
    for (const replica of this.#replicas) replica.giveBack();
  }

  resume(): void {
    this.#paused = false;
    this.onChange();
  }

  rewind(start: CheckedStart): RewindPreview {
    const preview = this.backlog.preview(start);
    for (const replica of this.#replicas) replica.forgetEvents();
    this.backlog.rewind(start);
    return preview;
  }

  /** @returns of each whether it was new */
  redeliver(redeliveries: readonly Redelivery[]): boolean[] {
    return this.backlog.enqueue(redeliveries);
  }

  /** Whether the event's letter waits to be handled again; of a parked aggregate all letters do together. */
  isRedriving(stored: StoredEvent): boolean {
    const lane = laneOf(stored.event);
    const isParked = this.parked.has(lane);
    return this.backlog.redriven.some((one) => one === stored || (isParked && laneOf(one.event) === lane));
  }

  /** Handles an aggregate as before: none of its letters is left. */
  unpark(lane: string): void {
    this.parked.delete(lane);
    for (const { event, sequence } of this.backlog.redriven) {
      if (laneOf(event) === lane) this.backlog.forgetRedrive(sequence);
    }
  }

  /** Stops all replicas, each when its handlers are done. */
  async stop(): Promise<void> {
    await Promise.all(this.#replicas.map((replica) => replica.stop()));
    this.#forgetLog();
    this.backlog.close();
  }

  /** Ends all replicas with an error. */
  end(reason: Error): void {
    this.#forgetLog();
    for (const replica of this.#replicas.splice(0)) replica.end(reason);
    this.backlog.close();
  }

  get status(): SubscriptionStatus {
    const { backlog } = this;
    const stream = backlog.status;
    const { pending, ackPending, redelivered } = stream;
    const { lastDeliveredAt, lastSettledAt } = backlog;
    return {
      ...this.#definition,
      state: this.#stateWith(pending + ackPending, lastSettledAt),
      createdAt: new Date(this.#createdMs).toISOString(),
      pending,
      ackPending,
      redelivered,
      redeliveries: backlog.redeliveries,
      deadLetters: this.letters.select({ subscription: this.#definition.name }).length,
      parkedAggregates: this.parked.size,
      waiting: this.#replicas.length,
      ...(lastDeliveredAt !== undefined && { lastDeliveredAt }),
      ...(lastSettledAt !== undefined && { lastSettledAt }),
      streams: [stream],
    };
  }

  #stateWith(open: number, lastSettledAt: string | undefined): SubscriptionStatus['state'] {
    if (this.#paused) return 'paused';
    if (open === 0) return 'live';
    // One that was idle is not stalled by the first event that comes.
    const since = [lastSettledAt, this.backlog.oldestOpenAt].map((time) => Date.parse(time ?? ''));
    const sinceMs = Math.max(this.#createdMs, ...since.filter((ms) => !Number.isNaN(ms)));
    return this.clock.now() - sinceMs > STALLED_AFTER_MS ? 'stalled' : 'catching-up';
  }

  /** Replicas of a shared subscription take turns. */
  #handOver(): void {
    for (let handed = 0; handed < MAX_AT_ONCE; handed++) {
      const replica = this.#paused ? undefined : this.#nextReplica();
      const due = replica && this.backlog.take();
      if (!due) {
        this.#woken = false;
        return;
      }
      replica.take(due);
    }
    setImmediate(() => this.#handOver());
  }

  #nextReplica(): Replica | undefined {
    if (this.#definition.mode === 'ordered') return this.#replicas[0]?.hasRoom ? this.#replicas[0] : undefined;
    for (let i = 0; i < this.#replicas.length; i++) {
      const replica = this.#replicas[this.#turn++ % this.#replicas.length]!;
      if (replica.hasRoom) return replica;
    }
    return undefined;
  }
}
