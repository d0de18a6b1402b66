import { sweeperLeaseKey } from '../bucket/bucket-names.ts';
import type { Bucket } from '../bucket/bucket.ts';
import { Lease } from '../bucket/lease.ts';

const TIMES = { seconds: 30, renewMs: 10_000 } as const;

/**
 * The right to sweep, which one process of all has.
 *
 * @returns undefined when another process has it
 * @throws StoreUnavailable
 */
export function takeSweeperLease(bucket: Bucket, defaultStream: string): Promise<Lease | undefined> {
  return Lease.take(bucket, sweeperLeaseKey(defaultStream), TIMES);
}
