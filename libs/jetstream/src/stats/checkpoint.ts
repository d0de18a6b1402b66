import { type StoreTally, type TallyRecord, fromTallyRecord, toTallyRecord } from '@annals/core';

/** How far a stream was counted, and the counts. */
export interface Checkpoint {
  /** When the stream was made; a checkpoint of another stream of this name counts for nothing. */
  readonly created: string;
  /** Every event at or below this stream sequence is counted, also those that retention removed since. */
  readonly position: number;
  /** The last event counted; 0 when there is none. It tells whether the stream still is the one that was counted. */
  readonly anchor: Anchor;
  /** `changes` of the retention record that the counts agree with. */
  readonly retentionChanges: number;
  readonly tally: StoreTally;
}

export interface Anchor {
  readonly sequence: number;
  /** Nanoseconds since 1970, as digits. */
  readonly recordedAtNs: string;
}

/** A checkpoint in the form that is stored. */
export function encodeCheckpoint(checkpoint: Checkpoint): unknown {
  return { ...checkpoint, tally: toTallyRecord(checkpoint.tally) };
}

/** Reads a stored checkpoint back; undefined when `value` is none, so that the stream is counted anew. */
export function decodeCheckpoint(value: unknown): Checkpoint | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { created, position, anchor, retentionChanges, tally } = value as Omit<Checkpoint, 'tally'> & {
    tally: TallyRecord;
  };
  const counted = fromTallyRecord(tally);
  if (!counted || typeof created !== 'string' || !isSequence(position) || !isSequence(retentionChanges))
    return undefined;
  if (!isSequence(anchor?.sequence) || typeof anchor.recordedAtNs !== 'string') return undefined;
  return { created, position, anchor, retentionChanges, tally: counted };
}

function isSequence(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
