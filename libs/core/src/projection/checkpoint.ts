import type { Position } from '../event/event-message.ts';

/** How far something has read: one position a stream. Every wanted event up to there is dealt with. */
export type Checkpoint = readonly Position[];

/** The checkpoint behind one more event, or a later place. Never goes back. */
export function advance(checkpoint: Checkpoint, position: Position): Checkpoint {
  const known = sequenceIn(checkpoint, position.stream);
  if (known >= position.sequence) return checkpoint;
  const others = checkpoint.filter(({ stream }) => stream !== position.stream);
  return [...others, { stream: position.stream, sequence: position.sequence }].sort((a, b) =>
    a.stream < b.stream ? -1 : 1,
  );
}

/** Stream sequence up to which a stream is dealt with; 0 when it is not named. */
export function sequenceIn(checkpoint: Checkpoint, stream: string): number {
  return checkpoint.find((position) => position.stream === stream)?.sequence ?? 0;
}

/** True when every position of `other` lies within the checkpoint. */
export function covers(checkpoint: Checkpoint, other: Checkpoint): boolean {
  return other.every(({ stream, sequence }) => sequenceIn(checkpoint, stream) >= sequence);
}

/** True when both mean the same place. */
export function sameCheckpoint(a: Checkpoint, b: Checkpoint): boolean {
  return covers(a, b) && covers(b, a);
}
