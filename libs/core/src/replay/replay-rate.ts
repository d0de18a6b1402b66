const WINDOW_MS = 5_000;
const STEP_MS = 250;

/** Measures how many events a second were dealt with over the last five seconds. */
export class ReplayRate {
  private readonly marks: { atMs: number; count: number }[];
  private count = 0;

  /** @param nowMs tells the time in milliseconds, from whenever, never backwards */
  constructor(private readonly nowMs: () => number) {
    this.marks = [{ atMs: nowMs(), count: 0 }];
  }

  add(events: number): void {
    this.count += events;
  }

  /** Events a second. */
  perSecond(): number {
    const now = this.nowMs();
    while (this.marks.length > 1 && now - this.marks[1]!.atMs >= WINDOW_MS) this.marks.shift();
    const first = this.marks[0]!;
    if (now - this.marks.at(-1)!.atMs >= STEP_MS) this.marks.push({ atMs: now, count: this.count });
    const elapsedMs = now - first.atMs;
    return elapsedMs <= 0 ? 0 : Math.round(((this.count - first.count) / elapsedMs) * 100_000) / 100;
  }
}

/** Milliseconds that the rest takes at a rate; undefined when that is not known. */
export function etaMs(left: number, perSecond: number): number | undefined {
  if (left <= 0) return 0;
  return perSecond > 0 ? Math.round((left / perSecond) * 1_000) : undefined;
}
