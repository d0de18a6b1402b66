/** A plain publish that costs more than this, many being in flight, may wait for a flush of its own (measured: 0.02–0.05 ms without fsync, 0.15–0.26 ms with). */
const SLOW_PUBLISH_MS = 0.08;
/** So many in flight make the pace of acks a measure of a publish's cost. */
const PIPELINED = 8;
/** Acks in a row whose time is taken together: a server that flushes sends many acks at once, then none for a while. */
const WINDOW_ACKS = 128;
/** So many slow windows in a row make a slow server; one may be a pause of the machine. */
const SLOW_WINDOWS = 2;
/** Gathered commits to pass over at first, since they wait behind the last plain publishes … */
const PASSED_OVER = 4;
/** … and to see before they are compared with those. */
const TRIAL_COMMITS = 20;
/** Gathering must be cheaper than this part of the plain cost to stay. */
const WORTH_IT = 0.9;
/** The first verdict is looked at again soon, since a program that has just begun is slow itself; each that is confirmed holds twice as long … */
const FIRST_VERDICT_MS = 3_000;
/** … up to this. */
const LAST_VERDICT_MS = 30_000;

type Mode = 'plain' | 'trial' | 'gather';

/**
 * Whether single events go out one by one or are gathered into batches.
 *
 * With replicas gathering always pays. On one node it pays where every ack waits for the disk. That is suspected from the
 * pace of pipelined acks, which a busy machine slows as well; so gathering is tried, compared by its cost for each event,
 * and kept or given up for a while, which grows with every verdict that is the same. Rules that explored every second
 * flapped and lost 40 %.
 */
export class GatherPolicy {
  private mode: Mode;
  /** Until then the mode stays as it is. */
  private settledUntilMs = 0;
  private inFlight = 0;
  private windowStartMs = 0;
  private windowAcks = 0;
  private slowWindows = 0;
  /** Cost of a plain publish, by the fastest of the slow windows. */
  private plainMs = Number.POSITIVE_INFINITY;
  private trial = { commits: 0, events: 0, ms: 0 };
  private verdict: Mode | undefined;
  private verdictMs = FIRST_VERDICT_MS;

  constructor(
    private readonly replicas: number,
    private readonly nowMs: () => number,
  ) {
    this.mode = replicas > 1 ? 'gather' : 'plain';
  }

  /** True when a single event should wait for the next gathered commit. */
  gathersSingles(): boolean {
    if (this.replicas > 1) return true;
    if (this.mode === 'gather' && this.nowMs() > this.settledUntilMs) this.startPlain();
    if (this.mode === 'plain' && this.slowWindows >= SLOW_WINDOWS) this.startTrial();
    return this.mode !== 'plain';
  }

  /** Plain publishes that wait for their ack. */
  get plainInFlight(): number {
    return this.inFlight;
  }

  plainSent(): void {
    this.inFlight++;
  }

  plainAnswered(): void {
    this.inFlight--;
    if (this.inFlight < PIPELINED) {
      this.windowStartMs = 0;
      return;
    }
    if (this.windowStartMs === 0) {
      this.windowStartMs = this.nowMs();
      this.windowAcks = 0;
    } else if (++this.windowAcks === WINDOW_ACKS) {
      this.judgeWindow();
    }
  }

  /** A gathered batch of single events and others landed. */
  gatheredLanded(events: number, ms: number): void {
    if (this.mode !== 'trial') return;
    const { trial } = this;
    if (++trial.commits <= PASSED_OVER) return;
    trial.events += events;
    trial.ms += ms;
    if (trial.commits < TRIAL_COMMITS) return;
    const worthIt = trial.ms / trial.events < this.plainMs * WORTH_IT;
    this.settle(worthIt ? 'gather' : 'plain');
  }

  private settle(verdict: 'plain' | 'gather'): void {
    const confirmed = verdict === this.verdict;
    this.verdictMs = confirmed ? Math.min(2 * this.verdictMs, LAST_VERDICT_MS) : FIRST_VERDICT_MS;
    this.verdict = verdict;
    this.settledUntilMs = this.nowMs() + this.verdictMs;
    if (verdict === 'plain') this.startPlain();
    else this.mode = 'gather';
  }

  private judgeWindow(): void {
    const now = this.nowMs();
    const costMs = (now - this.windowStartMs) / WINDOW_ACKS;
    this.windowStartMs = now;
    this.windowAcks = 0;
    if (costMs <= SLOW_PUBLISH_MS) this.forgetPlain();
    else {
      this.slowWindows++;
      this.plainMs = Math.min(this.plainMs, costMs);
    }
  }

  private startTrial(): void {
    if (this.nowMs() <= this.settledUntilMs) return;
    this.mode = 'trial';
    this.trial = { commits: 0, events: 0, ms: 0 };
  }

  private startPlain(): void {
    this.mode = 'plain';
    this.windowStartMs = 0;
    this.forgetPlain();
  }

  private forgetPlain(): void {
    this.slowWindows = 0;
    this.plainMs = Number.POSITIVE_INFINITY;
  }
}
