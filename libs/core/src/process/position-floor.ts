import type { Position } from '../event/event-message.ts';
import { type Checkpoint, advance } from '../projection/checkpoint.ts';

interface Pending {
  readonly sequence: number;
  done: boolean;
}

/** Knows up to where everything is done of what was begun in the order of its stream. */
export class PositionFloor {
  private readonly pending = new Map<string, Pending[]>();
  private floor: Checkpoint;
  private read: Checkpoint;
  private open = 0;

  constructor(from: Checkpoint) {
    this.floor = from;
    this.read = from;
  }

  /** Everything up to here is done. */
  get checkpoint(): Checkpoint {
    return this.floor;
  }

  /** Everything up to here was begun. */
  get begun(): Checkpoint {
    return this.read;
  }

  /** What is begun and not done. */
  get inHand(): number {
    return this.open;
  }

  /** @returns to be called when it is done */
  begin(position: Position): () => void {
    const { stream, sequence } = position;
    const list = this.pending.get(stream) ?? [];
    this.pending.set(stream, list);
    const entry = { sequence, done: false };
    list.push(entry);
    this.read = advance(this.read, position);
    this.open++;
    return () => {
      entry.done = true;
      this.open--;
      this.settle(stream, list);
    };
  }

  /** Nothing is wanted up to these positions: they are passed over, if nothing is in hand. */
  pass(heads: Checkpoint): void {
    if (this.open > 0) return;
    this.read = heads.reduce(advance, this.read);
    this.floor = heads.reduce(advance, this.floor);
  }

  private settle(stream: string, list: Pending[]): void {
    let count = 0;
    while (list[count]?.done) count++;
    if (count === 0) return;
    this.floor = advance(this.floor, { stream, sequence: list[count - 1]!.sequence });
    list.splice(0, count);
  }
}
