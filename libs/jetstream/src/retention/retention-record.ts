import {
  type StoreTally,
  type TallyRecord,
  StoreTally as EmptyTally,
  fromTallyRecord,
  toTallyRecord,
} from '@annals/core';

/** What retention has removed from one stream, and what it is about to remove. */
export interface RetentionRecord {
  /** When the stream was made; a record of a stream that was deleted since says nothing. */
  readonly created: string;
  /** Grows with every change of what is removed. */
  readonly changes: number;
  /** Counts of all events removed, those in `pending` included; the store's own events are not in it. */
  readonly removed: StoreTally;
  /** How many messages were removed, the store's own events included. */
  readonly removedMessages: number;
  /** The highest stream sequence removed, 0 when there is none. Of each aggregate all below its oldest event are gone. */
  readonly highestRemoved: number;
  /** Sequences that are counted in `removed` and may still be stored: written before they are deleted. */
  readonly pending: readonly number[];
  /** The sweep that runs or was left unfinished. */
  readonly sweep?: SweepProgress;
  /** The last sweep that came to its end. */
  readonly lastSweep?: FinishedSweep;
}

export interface SweepProgress {
  /** Milliseconds since 1970; events recorded before this are old. */
  readonly cutoffMs: number;
  /** Everything at or below this stream sequence was looked at. */
  readonly through: number;
  /** Events removed so far. */
  readonly removed: number;
  /** Old events that had to stay, because they are the newest of their aggregates. */
  readonly kept: number;
}

export interface FinishedSweep extends SweepProgress {
  /** Milliseconds since 1970. */
  readonly finishedAtMs: number;
}

/** The record of a stream that nothing was removed from. */
export function emptyRecord(created: string): RetentionRecord {
  return { created, changes: 0, removed: new EmptyTally(), removedMessages: 0, highestRemoved: 0, pending: [] };
}

/** A record in the form that is stored: sequences as differences, which are small. */
export function encodeRecord(record: RetentionRecord): unknown {
  const pending = record.pending.map((sequence, i) => sequence - (record.pending[i - 1] ?? 0));
  return { ...record, removed: toTallyRecord(record.removed), pending };
}

/** Reads a stored record back; undefined when `value` is none. */
export function decodeRecord(value: unknown): RetentionRecord | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const stored = value as Omit<RetentionRecord, 'removed'> & { removed: TallyRecord };
  const removed = fromTallyRecord(stored.removed);
  const numbers = [stored.changes, stored.removedMessages, stored.highestRemoved];
  if (!removed || typeof stored.created !== 'string' || !numbers.every(Number.isSafeInteger)) return undefined;
  if (!Array.isArray(stored.pending) || !stored.pending.every(Number.isSafeInteger)) return undefined;
  let sequence = 0;
  return { ...stored, removed, pending: stored.pending.map((step) => (sequence += step)) };
}
