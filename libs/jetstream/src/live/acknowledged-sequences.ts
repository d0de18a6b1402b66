import type { AppendResult } from '@annals/core';

/** What this process knew to be stored at a moment, and the first that it learned of afterwards, by stream. */
export interface Moment {
  /** The highest sequence that was acknowledged before; 0 when none was. */
  lastBefore(stream: string): number;
  /** The lowest sequence that was acknowledged since; Infinity when none was. */
  firstSince(stream: string): number;
  /** Nobody will ask any more. */
  forget(): void;
}

/** Remembers which sequences the appends of this process were acknowledged at: what is before or after a moment for sure. */
export class AcknowledgedSequences {
  private readonly highest = new Map<string, number>();
  private readonly moments = new Set<Map<string, number>>();

  /** Takes note of an append at the time of its acknowledgement. */
  note({ events, repeated }: AppendResult): void {
    for (const { position } of events) {
      const { stream, sequence } = position;
      if (sequence > (this.highest.get(stream) ?? 0)) this.highest.set(stream, sequence);
      // What an earlier attempt had stored may be older than the moment.
      if (repeated) continue;
      for (const lowest of this.moments) {
        if (sequence < (lowest.get(stream) ?? Infinity)) lowest.set(stream, sequence);
      }
    }
  }

  now(): Moment {
    const before = new Map(this.highest);
    const lowest = new Map<string, number>();
    this.moments.add(lowest);
    return {
      lastBefore: (stream) => before.get(stream) ?? 0,
      firstSince: (stream) => lowest.get(stream) ?? Infinity,
      forget: () => void this.moments.delete(lowest),
    };
  }
}
