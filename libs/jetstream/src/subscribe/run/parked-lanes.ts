import type { ParkedAggregates } from '../../dead-letter/letter-box.ts';

/** Which aggregates of a stream are parked, as one replica of an ordered subscription knows. */
export class ParkedLanes {
  private lanes = new Set<string>();
  /** Of these it knows that they are kept: others may have been unparked by a replica that lost its place. */
  private certain = new Set<string>();
  /** What changed while it was read. */
  private changes: Map<string, boolean> | undefined;

  constructor(
    private readonly kept: ParkedAggregates,
    private readonly subscription: string,
    private readonly stream: string,
  ) {}

  has(lane: string): boolean {
    return this.lanes.has(lane);
  }

  /**
   * Reads anew what is kept. Handlers that run since before this replica became the active one may park and unpark
   * meanwhile.
   *
   * @throws StoreUnavailable
   */
  async load(): Promise<void> {
    const changes = new Map<string, boolean>();
    this.changes = changes;
    const lanes = new Set(await this.kept.load(this.subscription, this.stream));
    // Read once more since.
    if (this.changes !== changes) return;
    for (const [lane, isParked] of changes) {
      if (isParked) lanes.add(lane);
      else lanes.delete(lane);
    }
    this.lanes = lanes;
    this.certain = new Set();
    this.changes = undefined;
  }

  /** Durable when fulfilled; costs nothing from the second time on. @throws StoreUnavailable */
  async park(lane: string): Promise<void> {
    if (this.certain.has(lane)) return;
    await this.kept.park(this.subscription, this.stream, lane);
    this.certain.add(lane);
    this.lanes.add(lane);
    this.changes?.set(lane, true);
  }

  /** @throws StoreUnavailable */
  async unpark(lane: string): Promise<void> {
    await this.kept.unpark(this.subscription, this.stream, lane);
    this.certain.delete(lane);
    this.lanes.delete(lane);
    this.changes?.set(lane, false);
  }
}
