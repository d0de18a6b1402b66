/** When a load ends: after a time or after a number of operations, whichever comes first. */
export interface Limit {
  readonly seconds: number;
  readonly operations: number;
}

/** A limit that is running: counts operations and looks at the clock. */
export class RunningLimit {
  readonly startedAtMs = performance.now();
  private readonly endsAtMs: number;
  private left: number;

  constructor({ seconds, operations }: Limit) {
    this.endsAtMs = this.startedAtMs + seconds * 1000;
    this.left = operations;
  }

  /** True when one more operation may begin. */
  take(): boolean {
    if (this.left === 0 || performance.now() >= this.endsAtMs) return false;
    this.left--;
    return true;
  }

  elapsedSeconds(): number {
    return (performance.now() - this.startedAtMs) / 1000;
  }
}
