import { StoreTally } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { headerBlock, headerValue } from '../header/header-block.ts';
import { HEADER } from '../header/header-names.ts';
import type { RetentionRecord } from '../retention/retention-record.ts';
import { EventScan } from '../scan/event-scan.ts';
import type { OnScanned } from '../scan/scan-consumer.ts';
import type { StreamState } from '../scan/stream-state.ts';
import { parseEventSubject } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { Checkpoint } from './checkpoint.ts';

/**
 * The count of one stream as it grows. It counts every event ever appended, those that retention removed included: what
 * was removed before it came by is taken from the retention record.
 */
export class StreamCount {
  private readonly scan: EventScan;
  /** Up to here the count agrees with the retention record of `retentionChanges`. */
  private verified: number;

  private constructor(
    channel: RequestChannel,
    private readonly binding: StreamBinding,
    private readonly from: Checkpoint,
    /** Counted by the retention record already, though they may still be stored. */
    private readonly skipped: ReadonlySet<number>,
  ) {
    this.scan = new EventScan(channel, binding, from.position);
    this.verified = from.position;
    this.anchor = from.anchor;
    this.retentionChanges = from.retentionChanges;
  }

  private anchor: Checkpoint['anchor'];
  private retentionChanges: number;

  /** Goes on where a checkpoint ended. */
  static resume(channel: RequestChannel, binding: StreamBinding, checkpoint: Checkpoint): StreamCount {
    return new StreamCount(channel, binding, checkpoint, new Set());
  }

  /** Begins with nothing but what retention removed. */
  static begin(
    channel: RequestChannel,
    binding: StreamBinding,
    state: StreamState,
    record: RetentionRecord | undefined,
  ): StreamCount {
    const tally = new StoreTally();
    if (record) tally.addAll(record.removed);
    const anchor = { sequence: 0, recordedAtNs: '0' };
    const from = { created: state.created, position: 0, anchor, retentionChanges: record?.changes ?? 0, tally };
    return new StreamCount(channel, binding, from, new Set(record?.pending));
  }

  get tally(): StoreTally {
    return this.from.tally;
  }

  /** Every event at or below this stream sequence is counted. */
  get position(): number {
    return this.scan.position;
  }

  /** Counts every event at or below `target`. @throws StoreUnavailable; the next call goes on */
  countThrough(target: number, signal: AbortSignal): Promise<void> {
    return this.scan.advance(target, this.countMessage, signal);
  }

  /**
   * True when the count can be of this stream, and nothing was removed that it has not counted.
   *
   * @param record the newest
   */
  fits(state: StreamState, record: RetentionRecord | undefined): boolean {
    if (this.from.created !== state.created || this.verified > state.lastSequence) return false;
    return (record?.changes ?? 0) === this.retentionChanges || (record?.highestRemoved ?? 0) <= this.verified;
  }

  /** Notes that the count agrees with this record. */
  verify(record: RetentionRecord | undefined): void {
    this.verified = this.position;
    this.retentionChanges = record?.changes ?? 0;
  }

  /** The count as it can be kept; undefined while it is ahead of what is verified. */
  checkpoint(): Checkpoint | undefined {
    if (this.verified !== this.position) return undefined;
    const { anchor, retentionChanges, tally } = this;
    return { created: this.from.created, position: this.position, anchor, retentionChanges, tally };
  }

  /** Lets go of the server's side. */
  close(): void {
    this.scan.close();
  }

  private readonly countMessage: OnScanned = (msg, { sequence, recordedAtNs }) => {
    this.anchor = { sequence, recordedAtNs };
    if (this.skipped.has(sequence)) return;
    const subject = parseEventSubject(this.binding.prefix, msg.subject);
    // What Annals did not write is no event.
    if (subject) this.tally.add({ ...subject, timestamp: headerValue(headerBlock(msg), HEADER.time) });
  };
}
