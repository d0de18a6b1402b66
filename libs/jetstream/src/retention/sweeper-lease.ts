import { nuid } from '@nats-io/transport-node';
import { sweeperLeaseKey } from '../bucket/bucket-names.ts';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';

/** The server lets the lease go when it was not renewed for this long: its clock alone decides. */
const LEASE_SECONDS = 30;
const RENEW_MS = 10_000;

/** The right to sweep, which one process of all has. */
export class SweeperLease {
  private readonly lostController = new AbortController();
  private readonly renewal: NodeJS.Timeout;
  private renewedAtMs = Date.now();

  private constructor(
    private readonly bucket: Bucket,
    private readonly key: string,
    private readonly owner: string,
    private revision: number,
  ) {
    this.renewal = setInterval(() => void this.renew(), RENEW_MS);
    this.renewal.unref();
  }

  /** @returns undefined when another process has it. @throws StoreUnavailable */
  static async take(bucket: Bucket, defaultStream: string): Promise<SweeperLease | undefined> {
    const key = sweeperLeaseKey(defaultStream);
    const owner = nuid.next();
    const revision = await bucket.put(key, owner, 0, LEASE_SECONDS);
    return revision === CONFLICT ? undefined : new SweeperLease(bucket, key, owner, revision);
  }

  /** Aborted when the lease was lost: another process may sweep now. */
  get lost(): AbortSignal {
    return this.lostController.signal;
  }

  /** Gives it back; another process can take it at once. */
  async release(): Promise<void> {
    clearInterval(this.renewal);
    if (this.lost.aborted) return;
    const entry = await this.bucket.get(this.key);
    if (entry?.revision === this.revision) await this.bucket.remove(this.key);
  }

  private async renew(): Promise<void> {
    try {
      const revision = await this.bucket.put(this.key, this.owner, this.revision, LEASE_SECONDS);
      if (revision === CONFLICT) return this.lose();
      this.revision = revision;
      this.renewedAtMs = Date.now();
    } catch {
      if (Date.now() - this.renewedAtMs > LEASE_SECONDS * 1000) this.lose();
    }
  }

  private lose(): void {
    clearInterval(this.renewal);
    this.lostController.abort(new Error('another process sweeps now'));
  }
}
