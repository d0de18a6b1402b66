import { nuid } from '@nats-io/transport-node';
import { type Bucket, CONFLICT } from './bucket.ts';

/** How long a lease lasts, and how often it is renewed. */
export interface LeaseTimes {
  /** The server lets the lease go when it was not renewed for this long: its clock alone decides. Whole seconds from 1. */
  readonly seconds: number;
  readonly renewMs: number;
}

/** A right that one process of all has at a time, for as long as it renews it. */
export class Lease {
  private readonly lostController = new AbortController();
  private readonly renewal: NodeJS.Timeout;
  private readonly owner = nuid.next();
  private renewedAtMs = performance.now();
  private revision = 0;

  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly times: LeaseTimes,
  ) {
    this.renewal = setInterval(() => void this.renew(), times.renewMs);
    this.renewal.unref();
  }

  /** @returns undefined when another process has it. @throws StoreUnavailable */
  static async take(bucket: Bucket, key: string, times: LeaseTimes): Promise<Lease | undefined> {
    const askedAtMs = performance.now();
    const lease = new Lease(bucket, key, times);
    try {
      const revision = await bucket.put(key, lease.owner, 0, times.seconds);
      if (revision !== CONFLICT) {
        lease.revision = revision;
        lease.renewedAtMs = askedAtMs;
        return lease;
      }
    } catch (error) {
      clearInterval(lease.renewal);
      throw error;
    }
    clearInterval(lease.renewal);
    return undefined;
  }

  /** Aborted when the lease was lost: another process may have it now. */
  get lost(): AbortSignal {
    return this.lostController.signal;
  }

  /** False as soon as the server may have let it go, by this machine's clock, whether or not it was noticed already. */
  get isHeld(): boolean {
    return !this.lost.aborted && performance.now() - this.renewedAtMs < this.times.seconds * 1_000;
  }

  /** Gives it back; another process can take it at once. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    if (this.lost.aborted) return;
    const entry = await this.bucket.get(this.key);
    if (entry && Buffer.from(entry.value).toString() === this.owner) await this.bucket.remove(this.key);
  }

  private async renew(): Promise<void> {
    if (this.revision === 0) return;
    const askedAtMs = performance.now();
    try {
      const revision = await this.bucket.put(this.key, this.owner, this.revision, this.times.seconds);
      if (revision === CONFLICT) return await this.afterConflict();
      this.revision = revision;
      this.renewedAtMs = askedAtMs;
    } catch {
      if (!this.isHeld) this.lose();
    }
  }

  /** A renewal whose answer was lost has changed the revision as well. */
  private async afterConflict(): Promise<void> {
    const entry = await this.bucket.get(this.key);
    if (entry && Buffer.from(entry.value).toString() === this.owner) this.revision = entry.revision;
    else this.lose();
  }

  private lose(): void {
    clearInterval(this.renewal);
    this.lostController.abort(new Error('another process has the lease now'));
  }
}
