import { setTimeout as pause } from 'node:timers/promises';
import { type Clock, type Logger, isReplayOver, isStoreUnavailable } from '@annals/core';
import { CONFLICT } from '../bucket/bucket.ts';
import { Lease } from '../bucket/lease.ts';
import type { ReplayRecord } from './replay-record.ts';
import type { KeptReplay, ReplayRecords } from './replay-records.ts';

/** Another process takes a job over when its driver was not heard of for this long. */
const LEASE = { seconds: 4, renewMs: 1_000 } as const;
/** A pause or a cancellation by another process is noticed after this at the latest. */
const LOOK_MS = 400;
const SAVE_AGAIN_MS = 200;

/** Why a process no longer drives a job. */
export class ReplayLetGo extends Error {
  override readonly name = 'ReplayLetGo';
}

/** What of a record its driver changes. */
export type DriverUpdate = Partial<Omit<ReplayRecord, 'format' | 'id' | 'term' | 'createdAt' | 'filter' | 'target'>>;

/**
 * A job that this process drives. Three things keep two processes from driving it at the same time: the lease, which the
 * server lets go when its holder is silent; the term, which whoever takes the job raises, so that the former driver can save
 * nothing more; and the clock, by which a driver that was frozen knows that its lease is over before it was told.
 */
export class HeldReplay {
  private readonly controller = new AbortController();
  private readonly looking: NodeJS.Timeout;
  private readonly term: number;
  /** One change at a time. */
  private turn: Promise<unknown> = Promise.resolve();
  /** Aborted when the job is to be let go: paused, cancelled, lost, or the driver is closed. */
  readonly signal: AbortSignal;

  private constructor(
    private readonly records: ReplayRecords,
    private readonly lease: Lease,
    private kept: KeptReplay,
    private readonly clock: Clock,
    closing: AbortSignal,
  ) {
    this.term = kept.record.term;
    this.signal = AbortSignal.any([this.controller.signal, lease.lost, closing]);
    this.looking = setInterval(() => void this.inTurn(() => this.look()).catch(() => undefined), LOOK_MS);
    this.looking.unref();
  }

  /**
   * Takes a job that nobody drives.
   *
   * @returns undefined when it is not to be driven, or another process was faster
   * @throws StoreUnavailable
   */
  static async take(
    parts: { readonly records: ReplayRecords; readonly clock: Clock; readonly logger: Logger },
    id: string,
    wanted: (record: ReplayRecord) => boolean,
    closing: AbortSignal,
  ): Promise<HeldReplay | undefined> {
    const { records, clock } = parts;
    const found = await records.find(id);
    if (!found || found.record.state === 'paused' || !wanted(found.record)) return undefined;
    const lease = await Lease.take(records.bucket, records.leaseKey(id), LEASE);
    if (!lease) return undefined;
    try {
      const now = new Date(clock.now()).toISOString();
      const { record } = found;
      const state = record.counted ? 'running' : 'pending';
      const taken = { ...record, state, term: record.term + 1, startedAt: record.startedAt ?? now } as const;
      const kept = isReplayOver(record.state) ? CONFLICT : await records.replace(found, { ...taken, updatedAt: now });
      if (kept !== CONFLICT) return new HeldReplay(records, lease, kept, clock, closing);
      if (isReplayOver(record.state)) await records.forgetOpen(id);
    } catch (error) {
      await lease.release().catch(() => undefined);
      throw error;
    }
    await lease.release();
    return undefined;
  }

  /** As it was saved last. */
  get record(): ReplayRecord {
    return this.kept.record;
  }

  /** @throws ReplayLetGo, the signal's reason */
  checkMine(): void {
    this.signal.throwIfAborted();
    if (!this.lease.isHeld) throw this.lose('the lease was not renewed in time');
  }

  /**
   * Saves a change, beside what others change meanwhile: a pause or a cancellation stays. Tries again as long as the lease
   * lasts when the server does not answer.
   *
   * @throws ReplayLetGo when another process drives the job now; StoreUnavailable
   */
  save(update: DriverUpdate): Promise<void> {
    return this.inTurn(async () => {
      for (;;) {
        if (!this.lease.isHeld) throw this.lose('the lease was not renewed in time');
        try {
          const saved = await this.records.replace(this.kept, this.changed(update));
          if (saved === CONFLICT) {
            await this.look();
            continue;
          }
          this.kept = saved;
          return;
        } catch (error) {
          if (!isStoreUnavailable(error) || !this.lease.isHeld) throw error;
          await pause(SAVE_AGAIN_MS);
        }
      }
    });
  }

  /** Saves that the job is over, or waits for somebody; one that was paused or cancelled meanwhile stays so. */
  end(state: 'completed' | 'failed' | 'paused', update: DriverUpdate = {}): Promise<void> {
    const finishedAt = isReplayOver(state) ? { finishedAt: this.now() } : {};
    return this.save({ ...update, ...finishedAt, state });
  }

  /** Lets another process take it at once. */
  async release(): Promise<void> {
    clearInterval(this.looking);
    await this.turn.catch(() => undefined);
    await this.lease.release().catch(() => undefined);
  }

  private changed(update: DriverUpdate): ReplayRecord {
    const { record } = this.kept;
    const { etaMs: _, ...rest } = record;
    const halted = record.state === 'paused' || isReplayOver(record.state);
    const running = (update.counted ?? record.counted) ? 'running' : 'pending';
    const changed: ReplayRecord = { ...rest, ...update, state: update.state ?? running, updatedAt: this.now() };
    // All that is stored of a job that somebody else ended or paused is what was handed over until then.
    if (halted && !(record.state === 'paused' && update.state === 'completed')) {
      const { finishedAt: __, ...still } = changed;
      const over = record.finishedAt === undefined ? {} : { finishedAt: record.finishedAt };
      return idle({ ...still, ...over, state: record.state });
    }
    return changed.state === 'running' ? changed : idle(changed);
  }

  /** Takes up what others changed. */
  private async look(): Promise<void> {
    const fresh = await this.records.find(this.kept.record.id);
    if (fresh?.revision === this.kept.revision) return;
    // Nobody else changes the term: another driver, or the job was removed from outside.
    if (fresh?.record.term !== this.term) throw this.lose('another process drives the replay now');
    this.kept = fresh;
    const { state } = fresh.record;
    if (state === 'paused' || isReplayOver(state)) this.controller.abort(new ReplayLetGo(`the replay is ${state}`));
  }

  private lose(reason: string): ReplayLetGo {
    const error = new ReplayLetGo(reason);
    this.controller.abort(error);
    return error;
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act, act);
    this.turn = done.catch(() => undefined);
    return done;
  }

  private now(): string {
    return new Date(this.clock.now()).toISOString();
  }
}

function idle({ etaMs: _, ...record }: ReplayRecord): ReplayRecord {
  return { ...record, rate: 0 };
}
