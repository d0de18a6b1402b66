import { writeLiveCursor } from '@annals/contract';
import type { Position } from '@annals/core';

/** How far something has come in each stream: everything wanted at or below is done with. */
export class LivePositions {
  readonly #reached: Map<string, number>;

  constructor(positions: Iterable<Position> = []) {
    this.#reached = new Map(Array.from(positions, ({ stream, sequence }) => [stream, sequence]));
  }

  copy(): LivePositions {
    return new LivePositions(this.list());
  }

  /** False when it had come so far already. */
  advance(stream: string, sequence: number): boolean {
    if (sequence <= (this.#reached.get(stream) ?? 0)) return false;
    this.#reached.set(stream, sequence);
    return true;
  }

  /** Comes at least as far as others have. */
  advanceTo(others: LivePositions): void {
    for (const [stream, sequence] of others.#reached) {
      if (!this.#reached.has(stream)) this.#reached.set(stream, sequence);
      else this.advance(stream, sequence);
    }
  }

  /** Only the streams that the others name. */
  within(others: LivePositions): LivePositions {
    return new LivePositions(this.list().filter(({ stream }) => others.#reached.has(stream)));
  }

  equals(others: LivePositions): boolean {
    if (this.#reached.size !== others.#reached.size) return false;
    for (const [stream, sequence] of this.#reached) if (others.#reached.get(stream) !== sequence) return false;
    return true;
  }

  list(): Position[] {
    return Array.from(this.#reached, ([stream, sequence]) => ({ stream, sequence }));
  }

  get cursor(): string {
    return writeLiveCursor(this.list());
  }
}
