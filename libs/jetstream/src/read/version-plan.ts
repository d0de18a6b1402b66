import type { Direction } from '@annals/core';

/** Versions to read, both ends inclusive; nothing when `from` is above `to`. */
export interface VersionRange {
  readonly from: number;
  readonly to: number;
}

/** Which versions a read of at most `limit` events wants of those from `from` to `to`. */
export function limitedRange(from: number, to: number, limit: number, direction: Direction): VersionRange {
  if (to - from < limit) return { from, to };
  return direction === 'forwards' ? { from, to: from + limit - 1 } : { from: to - limit + 1, to };
}

/** Cuts a range into chunks in reading order, each as large as it is told to be when it is taken. */
export class VersionPlan {
  private from: number;
  private to: number;

  constructor(
    range: VersionRange,
    private readonly direction: Direction,
  ) {
    this.from = range.from;
    this.to = range.to;
  }

  /** @param size at most this many versions */
  take(size: number): VersionRange | undefined {
    if (this.from > this.to) return undefined;
    if (this.direction === 'forwards') {
      const from = this.from;
      const to = Math.min(this.to, from + size - 1);
      this.from = to + 1;
      return { from, to };
    }
    const to = this.to;
    const from = Math.max(this.from, to - size + 1);
    this.to = from - 1;
    return { from, to };
  }
}
