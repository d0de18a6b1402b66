import { type Bucket, CONFLICT } from '../../bucket/bucket.ts';

/** What was settled beyond the ack floor; numbers are stream sequences. */
export interface SettledBeyond {
  /** Of the consumer: once it is set to another place all is meant to come again. */
  readonly placement: string;
  /** Everything that the consumer delivered up to here … */
  readonly upTo: number;
  /** … but for these. */
  readonly except: readonly number[];
}

/** The consumer's place, as the server tells it. */
export interface ConsumerPlace {
  readonly ackFloor: number;
  readonly delivered: number;
  readonly placement: string;
}

/** What the active replica of an ordered subscription notes for whoever comes after it; numbers are stream sequences. */
interface Activation {
  readonly owner: string;
  /** It stopped: nothing that it had in hand made it end. */
  readonly graceful: boolean;
  /** What its predecessors had in hand when they ended, up to here: it takes these one at a time. 0: nothing. */
  readonly suspectUpTo: number;
  /** How often a process ended that had the suspects in hand side by side. */
  readonly endedWithAll: number;
  /** What runs alone. */
  readonly running?: number;
  /** How often a process ended while this one ran alone. */
  readonly endedWith: Readonly<Record<string, number>>;
  /** Attempts that failed otherwise. */
  readonly failed: Readonly<Record<string, number>>;
  /** Of one that stopped. */
  readonly settled?: SettledBeyond;
}

/** Another replica is the active one by now. */
export class ActivationLost extends Error {
  constructor() {
    super('another replica is active');
    this.name = 'ActivationLost';
  }
}

const SAVE_EVERY_MS = 200;

/**
 * Counts attempts over the ends of processes: a new active replica has everything delivered anew, as if for the first time.
 *
 * A process that ended without stopping may have been ended by any event that it had in hand. So the next one takes those
 * one at a time, noting each before it begins: should it end, too, then it is known by which.
 */
export class ActivationRecord {
  private readonly endedWith: Map<number, number>;
  private readonly failed: Map<number, number>;
  private suspects: number;
  private endedWithAll: number;
  private running: number | undefined;
  private settled: SettledBeyond | undefined;
  private graceful = false;
  private saving: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private failure: unknown;

  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly owner: string,
    private revision: number,
    found: Activation,
    /** What was settled before this activation, and may be delivered again. */
    readonly settledBefore: SettledBeyond | undefined,
  ) {
    this.suspects = found.suspectUpTo;
    this.endedWithAll = found.endedWithAll;
    this.endedWith = counts(found.endedWith);
    this.failed = counts(found.failed);
  }

  /**
   * Makes `owner` the active one.
   *
   * @param place of the consumer, before it is reset
   * @param own what this owner settled when it was the active one before
   * @throws ActivationLost, StoreUnavailable
   */
  static async take(
    bucket: Bucket,
    key: string,
    owner: string,
    place: ConsumerPlace,
    own?: SettledBeyond,
  ): Promise<ActivationRecord> {
    const entry = await bucket.get(key);
    const found = entry && parse(entry.value);
    const next = succeed(found, owner, place);
    const settled = found?.owner === owner ? own : found?.settled;
    const before = settled?.placement === place.placement ? settled : undefined;
    const record = new ActivationRecord(bucket, key, owner, entry?.revision ?? 0, next, before);
    record.forgetUpTo(place.ackFloor);
    await record.save();
    return record;
  }

  /** Up to here events are taken one at a time; 0: nowhere. */
  get suspectUpTo(): number {
    return this.suspects;
  }

  /** Attempts of the event that are over. */
  attemptsOf(sequence: number): number {
    if (this.suspects === 0 && this.failed.size === 0) return 0;
    const withAll = sequence <= this.suspects ? this.endedWithAll : 0;
    return withAll + (this.endedWith.get(sequence) ?? 0) + (this.failed.get(sequence) ?? 0);
  }

  /** True for an event that ended its process when it ran alone, and has no attempts left. */
  isToBlame(sequence: number, maxDeliver: number): boolean {
    return this.endedWith.has(sequence) && this.attemptsOf(sequence) >= maxDeliver;
  }

  /** The event is about to run, alone. @throws ActivationLost, StoreUnavailable */
  async beginAlone(sequence: number): Promise<void> {
    this.running = sequence;
    await this.save();
  }

  /** An attempt failed, and there will be another. Saved soon. */
  onFailed(sequence: number): void {
    this.failed.set(sequence, (this.failed.get(sequence) ?? 0) + 1);
    this.saveSoon();
  }

  onSettled(sequence: number): void {
    if (this.failed.size > 0 && this.failed.delete(sequence)) this.saveSoon();
    if (this.endedWith.size > 0) this.endedWith.delete(sequence);
  }

  /** The suspects have all run. */
  async trustAll(): Promise<void> {
    for (const [sequence, attempts] of this.failed) {
      if (sequence <= this.suspects) this.failed.set(sequence, attempts + this.endedWithAll);
    }
    this.suspects = 0;
    this.endedWithAll = 0;
    this.running = undefined;
    await this.save();
  }

  /** The active replica has stopped in order. @throws ActivationLost, StoreUnavailable */
  async leave(settled: SettledBeyond): Promise<void> {
    this.graceful = true;
    this.settled = settled;
    this.running = undefined;
    await this.save();
  }

  /** Saves nothing any more. */
  close(): void {
    clearTimeout(this.timer);
    this.failure ??= new ActivationLost();
  }

  private forgetUpTo(ackFloor: number): void {
    for (const map of [this.failed, this.endedWith]) {
      for (const sequence of map.keys()) if (sequence <= ackFloor) map.delete(sequence);
    }
  }

  private saveSoon(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      // Counted too low by one should the process end now: no reason to stop.
      this.save().catch(() => undefined);
    }, SAVE_EVERY_MS);
    this.timer.unref();
  }

  /** One after the other, each with the revision of the one before. */
  private save(): Promise<void> {
    const saved = this.saving.then(() => this.write());
    this.saving = saved.catch(() => undefined);
    return saved;
  }

  private async write(): Promise<void> {
    if (this.failure) throw this.failure as Error;
    const { owner, graceful, suspects, endedWithAll, running, endedWith, failed, settled } = this;
    const value: Activation = {
      owner,
      graceful,
      suspectUpTo: suspects,
      endedWithAll,
      ...(running !== undefined && { running }),
      endedWith: Object.fromEntries(endedWith),
      failed: Object.fromEntries(failed),
      ...(settled && { settled }),
    };
    const revision = await this.bucket.put(this.key, JSON.stringify(value), this.revision);
    if (revision !== CONFLICT) {
      this.revision = revision;
      return;
    }
    // It may have been written after all, by a try whose answer was lost.
    const entry = await this.bucket.get(this.key);
    if (entry && parse(entry.value)?.owner === owner) this.revision = entry.revision;
    else this.failure = new ActivationLost();
    return this.write();
  }
}

function succeed(found: Activation | undefined, owner: string, { ackFloor, delivered }: ConsumerPlace): Activation {
  const rest = { owner, graceful: false, endedWith: found?.endedWith ?? {}, failed: found?.failed ?? {} };
  if (!found || found.graceful) return { ...rest, suspectUpTo: 0, endedWithAll: 0 };
  const { suspectUpTo, endedWithAll, running } = found;
  // It lost its place for a moment, and goes on.
  if (found.owner === owner) return { ...rest, suspectUpTo, endedWithAll };
  if (suspectUpTo === 0) {
    return delivered > ackFloor
      ? { ...rest, suspectUpTo: delivered, endedWithAll: 1 }
      : { ...rest, suspectUpTo: 0, endedWithAll: 0 };
  }
  if (running === undefined) return { ...rest, suspectUpTo, endedWithAll };
  const endedWith = { ...found.endedWith, [running]: (found.endedWith[running] ?? 0) + 1 };
  return { ...rest, endedWith, suspectUpTo: Math.max(suspectUpTo, running), endedWithAll };
}

function counts(record: Readonly<Record<string, number>>): Map<number, number> {
  return new Map(Object.entries(record).map(([sequence, count]) => [Number(sequence), count]));
}

function parse(value: Uint8Array): Activation | undefined {
  try {
    const found = JSON.parse(Buffer.from(value).toString('utf8')) as Partial<Activation>;
    if (typeof found.owner !== 'string') return undefined;
    const { owner, graceful = false, suspectUpTo = 0, endedWithAll = 0, running, endedWith = {}, failed = {} } = found;
    return {
      ...{ owner, graceful, suspectUpTo, endedWithAll, endedWith, failed },
      ...(running !== undefined && { running }),
      ...(found.settled && { settled: found.settled }),
    };
  } catch {
    return undefined;
  }
}
