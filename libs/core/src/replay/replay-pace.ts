/** A replay hands over at most so many events before its progress is saved: what a crash may hand over twice. */
export const MAX_REPLAY_BATCH = 100;

/** A batch takes about this long at a low rate, so that progress is seen and a pause is quick. */
const BATCH_SHARE_OF_SECOND = 0.1;

/**
 * Keeps a replay to its rate: each event has its moment, and a batch may go when its first event's has come. Time that
 * was lost is not made up for by going faster later.
 */
export class ReplayPace {
  private dueMs = -Infinity;

  /**
   * @param ratePerSecond without limit unless given
   * @param nowMs tells the time in milliseconds, from whenever, never backwards
   */
  constructor(
    private readonly ratePerSecond: number | undefined,
    private readonly nowMs: () => number,
  ) {}

  /** How many events to hand over at a time. */
  get batchSize(): number {
    const { ratePerSecond: rate } = this;
    if (rate === undefined) return MAX_REPLAY_BATCH;
    return Math.min(MAX_REPLAY_BATCH, Math.max(1, Math.floor(rate * BATCH_SHARE_OF_SECOND)));
  }

  /** Milliseconds to wait before `count` events may go, which are taken as gone. */
  take(count: number): number {
    if (this.ratePerSecond === undefined) return 0;
    const now = this.nowMs();
    const startMs = Math.max(now, this.dueMs);
    this.dueMs = startMs + (count / this.ratePerSecond) * 1_000;
    return startMs - now;
  }
}
