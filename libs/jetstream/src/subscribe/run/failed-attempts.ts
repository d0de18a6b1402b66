import { type Bucket, CONFLICT } from '../../bucket/bucket.ts';

/** Longer than the longest backoff by far. */
const KEPT_SECONDS = 14 * 86_400;

/**
 * Counts failed attempts of shared subscriptions, over all processes.
 *
 * The server counts deliveries, among them those of events that a process had fetched and gave back when it stopped: a few
 * deployments in a row would use up the attempts of an event that no handler has seen.
 */
export class FailedAttempts {
  constructor(private readonly bucket: Bucket) {}

  /**
   * Counts one more.
   *
   * @param isFirstDelivery what was counted before belongs to an earlier life of the subscription
   * @returns how many have failed, this one included
   * @throws StoreUnavailable
   */
  async add(key: string, isFirstDelivery: boolean): Promise<number> {
    for (let first = true; ; first = false) {
      const entry = first && isFirstDelivery ? undefined : await this.bucket.get(key);
      const before = isFirstDelivery ? 0 : Number(Buffer.from(entry?.value ?? []).toString()) || 0;
      const written = await this.bucket.put(key, String(before + 1), entry?.revision ?? 0, KEPT_SECONDS);
      if (written !== CONFLICT) return before + 1;
    }
  }
}
