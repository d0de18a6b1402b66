import { setTimeout as pause } from 'node:timers/promises';
import { StoreTally } from '@annals/core';
import { CONFLICT } from '../bucket/bucket.ts';
import { DirectReader } from '../read/direct-reader.ts';
import { EventScan } from '../scan/event-scan.ts';
import type { OnScanned } from '../scan/scan-consumer.ts';
import { streamState } from '../scan/stream-state.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { type OldEvent, oldEvent } from './old-event.ts';
import { judge, removalOrder } from './removable-events.ts';
import { type Removal, removeMessages } from './remove-messages.ts';
import { type FinishedSweep, type RetentionRecord, emptyRecord } from './retention-record.ts';
import type { KeptRecord } from './retention-records.ts';
import { superseded } from './successors.ts';
import { isSweepHeld } from './sweep-hold.ts';
import type { SweepParts } from './sweep-options.ts';

/** Events looked at before the next ones are asked for. */
const CHUNK = 2_000;
/** Chunks without removals after which the progress is noted all the same. */
const NOTE_EVERY = 20;
const HELD_PAUSE_MS = 100;
const READ_TIMEOUT_MS = 10_000;

/** Another process changed the record: it sweeps, and this one has lost its lease without noticing. */
export class SweepOvertaken extends Error {
  constructor(stream: string) {
    super(`another process sweeps stream ${stream}`);
    this.name = 'SweepOvertaken';
  }
}

export interface StreamSweepOptions {
  readonly cutoffMs: number;
  readonly settledBeforeMs: number;
  readonly erase: boolean;
  readonly signal: AbortSignal;
}

/**
 * Removes the old events of one stream that are not the newest of their aggregates, in ascending sequence.
 *
 * What is about to go is written to the record first, then it is deleted: whoever reads the record knows of everything
 * that is gone, and a sweep that died in between is completed by the next.
 *
 * @throws the signal's reason; SweepOvertaken; StoreUnavailable. The next sweep goes on where it ended.
 */
export class StreamSweep {
  private readonly reader: DirectReader;
  private readonly removal: Removal;
  private kept!: KeptRecord;
  private unnoted = 0;

  constructor(
    private readonly parts: SweepParts,
    private readonly binding: StreamBinding,
    private readonly options: StreamSweepOptions,
  ) {
    const { channel } = parts;
    this.reader = new DirectReader(channel, READ_TIMEOUT_MS);
    this.removal = { channel, stream: binding.name, erase: options.erase };
  }

  async run(): Promise<FinishedSweep> {
    const { cutoffMs, signal } = this.options;
    const state = await streamState(this.parts.channel, this.binding.name);
    await this.begin(state.created);
    const { through } = this.record.sweep!;
    const scan = new EventScan(this.parts.channel, this.binding, through);
    try {
      for (let more = true; more;) {
        signal.throwIfAborted();
        const events: OldEvent[] = [];
        let reachedYoung = false;
        const collect: OnScanned = (msg, delivery) => {
          const event = oldEvent(this.binding.prefix, msg, delivery);
          if (!event || reachedYoung) return;
          // The first young event ends it, so that what goes of an aggregate is always its beginning, whatever the
          // clocks of the servers say.
          if (event.recordedAtMs >= cutoffMs) reachedYoung = true;
          else events.push(event);
        };
        more = (await scan.next(CHUNK, state.lastSequence, collect, signal)) && !reachedYoung;
        await this.sweepChunk(events);
      }
    } finally {
      scan.close();
    }
    return this.finish();
  }

  private get record(): RetentionRecord {
    return this.kept.record!;
  }

  private async begin(created: string): Promise<void> {
    const { cutoffMs } = this.options;
    const kept = await this.parts.records.read(this.binding.name);
    const record = kept.record?.created === created ? kept.record : emptyRecord(created);
    this.kept = { ...kept, record };
    const unfinished = record.sweep ?? { through: 0, removed: 0, kept: 0 };
    if (record.pending.length > 0) await removeMessages(this.removal, [record.pending]);
    await this.write({ ...record, pending: [], sweep: { ...unfinished, cutoffMs } });
  }

  private async sweepChunk(events: readonly OldEvent[]): Promise<void> {
    const { removable, undecided } = judge(events);
    const { settledBeforeMs } = this.options;
    const late = await superseded(this.reader, this.binding.name, undecided, settledBeforeMs);
    await this.remove([...removable, ...late], events.at(-1)?.sequence, undecided.length - late.length);
  }

  private async remove(events: readonly OldEvent[], through: number | undefined, staying: number): Promise<void> {
    if (through === undefined) return;
    const { record } = this;
    const progress = record.sweep!;
    const sweep = {
      ...progress,
      through,
      removed: progress.removed + events.length,
      kept: progress.kept + staying,
    };
    if (events.length === 0) {
      this.kept = { ...this.kept, record: { ...record, sweep } };
      if (++this.unnoted === NOTE_EVERY) await this.write(this.record);
      return;
    }
    await this.waitWhileHeld();
    const removed = new StoreTally();
    removed.addAll(record.removed);
    for (const { counted } of events) removed.add(counted);
    const pending = events.map(({ sequence }) => sequence).sort((a, b) => a - b);
    await this.write({
      ...record,
      changes: record.changes + 1,
      removed,
      removedMessages: record.removedMessages + events.length,
      highestRemoved: Math.max(record.highestRemoved, pending.at(-1)!),
      pending,
      sweep,
    });
    await removeMessages(this.removal, removalOrder(events));
  }

  private async finish(): Promise<FinishedSweep> {
    const { sweep, ...record } = this.record;
    const lastSweep = { ...sweep!, finishedAtMs: this.parts.clock.now() };
    await this.write({ ...record, pending: [], lastSweep });
    return lastSweep;
  }

  private async write(record: RetentionRecord): Promise<void> {
    this.options.signal.throwIfAborted();
    const kept = await this.parts.records.write(this.binding.name, record, this.kept);
    if (kept === CONFLICT) throw new SweepOvertaken(this.binding.name);
    this.kept = kept;
    this.unnoted = 0;
  }

  private async waitWhileHeld(): Promise<void> {
    const { signal } = this.options;
    while (await isSweepHeld(this.parts.records.bucket, this.binding.name)) {
      await pause(HELD_PAUSE_MS, undefined, { signal });
    }
  }
}
