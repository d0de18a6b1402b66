import { type Logger, StoreClosed, type StoreTally, StoreUnavailable } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { Coalesced } from '../read/coalesced.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { recordedTime } from '../read/recorded-time.ts';
import type { RetentionRecord } from '../retention/retention-record.ts';
import type { RetentionRecords } from '../retention/retention-records.ts';
import { holdSweep } from '../retention/sweep-hold.ts';
import { type StreamState, streamState } from '../scan/stream-state.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Checkpoints } from './checkpoints.ts';
import { StreamCount } from './stream-count.ts';

export interface StreamStatsParts {
  readonly channel: RequestChannel;
  readonly binding: StreamBinding;
  readonly checkpoints: Checkpoints;
  readonly retention: RetentionRecords;
  readonly logger: Logger;
}

/** What was counted of a stream, and what of it is no longer stored. */
export interface StreamTally {
  readonly counted: StoreTally;
  readonly removed: StoreTally | undefined;
}

/** Retention removes far more slowly than a count goes; from the second attempt on it is asked to wait. */
const ATTEMPTS = 5;

/** Keeps the count of one stream, and brings it up to date when it is asked for. */
export class StreamStats {
  private readonly catchUps = new Coalesced<StreamTally>();
  private readonly leader: LeaderReader;
  private readonly abort = new AbortController();
  private count: StreamCount | undefined;
  private loaded = false;
  private record: RetentionRecord | undefined;
  private savedPosition = 0;

  constructor(private readonly parts: StreamStatsParts) {
    this.leader = new LeaderReader(parts.channel);
  }

  /**
   * Counts what was appended before this call, then gives the counts. Calls at the same time share the work.
   *
   * @throws StoreUnavailable; what was counted stays
   */
  catchUp(): Promise<StreamTally> {
    return this.catchUps.run('', () => this.bringUpToDate());
  }

  /** Keeps how far it is for the next process, when that is news. @throws StoreUnavailable */
  async save(): Promise<void> {
    const checkpoint = this.count?.checkpoint();
    if (!checkpoint || checkpoint.position === this.savedPosition) return;
    await this.parts.checkpoints.save(checkpoint);
    this.savedPosition = checkpoint.position;
  }

  /** Ends what is counting with StoreClosed, and lets go of the server's side. */
  close(): void {
    this.abort.abort(new StoreClosed());
    this.count?.close();
  }

  private async bringUpToDate(): Promise<StreamTally> {
    const { channel, binding } = this.parts;
    const state = await streamState(channel, binding.name);
    if (!this.loaded) await this.load(state);
    await this.readRecord(state);
    let count = this.count;
    if (count && !count.fits(state, this.record)) count = undefined;
    const upToDate = count?.checkpoint() && count.position >= state.lastSequence;
    if (count && upToDate) count.verify(this.record);
    else count = await this.countThrough(state, count);
    return { counted: count.tally, removed: this.record?.removed };
  }

  private async countThrough(state: StreamState, current: StreamCount | undefined): Promise<StreamCount> {
    const { retention, binding } = this.parts;
    let count = current;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const release = attempt > 0 ? await holdSweep(retention.bucket, binding.name) : undefined;
      try {
        count ??= await this.begin(state);
        await count.countThrough(state.lastSequence, this.abort.signal);
        // Whatever was removed while it was counted may have been missed.
        await this.readRecord(state);
        if (count.fits(state, this.record)) {
          count.verify(this.record);
          return count;
        }
        count = undefined;
      } finally {
        await release?.();
      }
    }
    throw new StoreUnavailable(`retention removes events of stream ${binding.name} faster than they can be counted`);
  }

  private async begin(state: StreamState): Promise<StreamCount> {
    const { channel, binding, logger } = this.parts;
    logger.info(`statistics of stream ${binding.name}: counting all events`, { stream: binding.name });
    await this.readRecord(state);
    this.count?.close();
    this.count = StreamCount.begin(channel, binding, state, this.record);
    this.savedPosition = 0;
    return this.count;
  }

  private async readRecord(state: StreamState): Promise<void> {
    const record = await this.parts.retention.of(this.parts.binding.name);
    this.record = record?.created === state.created ? record : undefined;
  }

  private async load(state: StreamState): Promise<void> {
    const { channel, binding, checkpoints } = this.parts;
    const checkpoint = await checkpoints.load();
    if (checkpoint && (await this.isOfThisStream(checkpoint, state))) {
      this.count = StreamCount.resume(channel, binding, checkpoint);
      this.savedPosition = checkpoint.position;
    }
    this.loaded = true;
  }

  /** A stream that was restored from a backup may hold other events at the sequences that were counted. */
  private async isOfThisStream({ created, position, anchor }: Checkpoint, state: StreamState): Promise<boolean> {
    if (created !== state.created || position > state.lastSequence) return false;
    if (anchor.sequence === 0) return true;
    const message = await this.leader.message(this.parts.binding.name, { seq: anchor.sequence });
    return message === undefined || message.recordedAt === recordedTime(anchor.recordedAtNs);
  }
}
