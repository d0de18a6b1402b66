import type { EventStore, Position } from '@annals/core';
import { inTime } from '../http/deadline.ts';

/** Positions in one question at most. */
const MAX_POSITIONS = 5_000;

interface Waiting {
  readonly positions: readonly Position[];
  readonly resolve: (times: readonly (string | undefined)[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Asks the store when events were recorded, for many requests at once: while one question is under way, those that come
 * are gathered for the next. Appends that are answered together have positions that follow each other, which the store
 * looks up in one request; asking for each alone would double what an append costs.
 */
export class RecordedTimes {
  #waiting: Waiting[] = [];
  #isAsking = false;

  constructor(
    private readonly store: () => EventStore,
    /** Milliseconds that one question may take: the next ones wait for it. */
    private readonly timeoutMs: number,
  ) {}

  /** See `EventStore.recordedAt`. @throws what it throws, and HttpProblem `request-timeout` */
  of(positions: readonly Position[]): Promise<readonly (string | undefined)[]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ positions, resolve, reject });
      if (this.#isAsking) return;
      this.#isAsking = true;
      // After the input of this turn: acknowledgements come many at a time.
      setImmediate(() => void this.#askUntilNobodyWaits());
    });
  }

  async #askUntilNobodyWaits(): Promise<void> {
    while (this.#waiting.length > 0) await this.#ask(this.#take());
    this.#isAsking = false;
  }

  /** At least one, however many positions it has. */
  #take(): readonly Waiting[] {
    let positions = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || positions < MAX_POSITIONS)) {
      positions += this.#waiting[count++]!.positions.length;
    }
    return this.#waiting.splice(0, count);
  }

  async #ask(together: readonly Waiting[]): Promise<void> {
    try {
      const positions = together.flatMap((waiting) => waiting.positions);
      const times = await inTime(this.timeoutMs, this.store().recordedAt(positions));
      let next = 0;
      for (const { positions, resolve } of together) resolve(times.slice(next, (next += positions.length)));
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }
}
