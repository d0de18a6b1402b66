/** A plain publish that costs more than this, many being in flight, waits for a flush of its own (measured: 0.03–0.05 ms without fsync, 0.26 ms with). */
const SLOW_PUBLISH_MS = 0.12;
/** So many in flight make the pace of acks a measure of a publish's cost. */
const PIPELINED = 8;
/** Acks to see before judging. */
const SAMPLES = 64;
/** Weight of a new sample once there are enough. */
const WEIGHT = 0.004;
const SAMPLES_AT_FULL_WEIGHT = 250;
const LOOK_AGAIN_MS = 30_000;

/**
 * Whether single events go out one by one or are gathered into batches.
 *
 * With replicas gathering always pays. On one node it pays where every ack waits for the disk; that is seen from the
 * pace of pipelined acks, and looked at again after half a minute. Rules that explored more often flapped and lost 40 %.
 */
export class GatherPolicy {
  private gathering: boolean;
  private lookAgainMs = 0;
  private inFlight = 0;
  private lastAckMs = 0;
  private samples = 0;
  private meanMs = 0;

  constructor(
    private readonly replicas: number,
    private readonly nowMs: () => number,
  ) {
    this.gathering = replicas > 1;
  }

  /** True when a single event should wait for the next gathered commit. */
  gathersSingles(): boolean {
    if (this.gathering) {
      if (this.replicas === 1 && this.nowMs() > this.lookAgainMs) this.startPlain();
    } else if (this.samples >= SAMPLES && this.meanMs > SLOW_PUBLISH_MS) {
      this.gathering = true;
      this.lookAgainMs = this.nowMs() + LOOK_AGAIN_MS;
    }
    return this.gathering;
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
      this.lastAckMs = 0;
      return;
    }
    const now = this.nowMs();
    if (this.lastAckMs > 0) {
      const sample = Math.min(20, now - this.lastAckMs);
      this.samples++;
      this.meanMs += (this.samples < SAMPLES_AT_FULL_WEIGHT ? 1 / this.samples : WEIGHT) * (sample - this.meanMs);
    }
    this.lastAckMs = now;
  }

  private startPlain(): void {
    this.gathering = false;
    this.samples = 0;
    this.meanMs = 0;
    this.lastAckMs = 0;
  }
}
