import { type Bucket, CONFLICT } from '../../bucket/bucket.ts';

/** Long enough for a service that is down over the holidays; then there is another last attempt. */
const MARK_SECONDS = 14 * 86_400;

/**
 * Marks of last attempts, which tell after the end of a process that one had begun.
 *
 * An event whose deliveries ran out without an answer was with processes that ended, perhaps by another event that they had
 * in hand at the same time. So it gets one attempt alone, and is to blame when the process ends then, too.
 */
export class LastAttempts {
  constructor(private readonly bucket: Bucket) {}

  /**
   * @param token of this attempt alone: the mark may stand although the answer to it was lost
   * @returns false when another one was begun before, and never ended
   * @throws StoreUnavailable
   */
  async begin(key: string, token: string): Promise<boolean> {
    if ((await this.bucket.put(key, token, 0, MARK_SECONDS)) !== CONFLICT) return true;
    const entry = await this.bucket.get(key);
    return entry !== undefined && Buffer.from(entry.value).toString() === token;
  }

  /** @throws StoreUnavailable */
  async end(key: string): Promise<void> {
    await this.bucket.remove(key);
  }
}
