import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailable } from '@annals/core';
import { nuid } from '@nats-io/transport-node';
import { type Bucket, CONFLICT } from '../../bucket/bucket.ts';
import { lockKey } from '../subscription-names.ts';

/** The server lets the lock go when its holder did not renew it for this long: a process may die with it. */
const LOCK_SECONDS = 5;
const RENEW_AFTER_MS = 1_000;
const RETRY_MS = 25;

/** The right to change a subscription, as its holder sees it. */
export interface HeldLock {
  /** To be called before each step. @throws StoreUnavailable when another process may have it now */
  renew(): Promise<void>;
}

/**
 * Lets one process at a time make, set, change or remove a subscription's consumers: a second one that sets a consumer to
 * its start when it already delivers would have everything delivered twice.
 */
export class SubscriptionLock {
  constructor(
    private readonly bucket: Bucket,
    private readonly store: string,
    /** Milliseconds to wait for it. */
    private readonly waitMs: number,
  ) {}

  /** @throws StoreUnavailable when another process keeps it for too long, and what `act` throws */
  async hold<T>(subscription: string, act: (lock: HeldLock) => Promise<T>): Promise<T> {
    const key = lockKey(this.store, subscription);
    const owner = nuid.next();
    let revision = await this.take(key, owner, subscription);
    let renewedAtMs = Date.now();
    const renew = async (): Promise<void> => {
      if (Date.now() - renewedAtMs < RENEW_AFTER_MS) return;
      const renewed = await this.bucket.put(key, owner, revision, LOCK_SECONDS);
      if (renewed === CONFLICT) throw new StoreUnavailable(`another process changes subscription ${subscription} now`);
      revision = renewed;
      renewedAtMs = Date.now();
    };
    try {
      return await act({ renew });
    } finally {
      await this.release(key, revision);
    }
  }

  private async take(key: string, owner: string, subscription: string): Promise<number> {
    const deadlineMs = Date.now() + Math.max(this.waitMs, 2_000 * LOCK_SECONDS);
    for (;;) {
      const revision = await this.bucket.put(key, owner, 0, LOCK_SECONDS);
      if (revision !== CONFLICT) return revision;
      if (Date.now() > deadlineMs) {
        throw new StoreUnavailable(`another process has been changing subscription ${subscription} for too long`);
      }
      await pause(RETRY_MS);
    }
  }

  /** What is not given back goes by itself. */
  private async release(key: string, revision: number): Promise<void> {
    try {
      const entry = await this.bucket.get(key);
      if (entry?.revision === revision) await this.bucket.remove(key);
    } catch {
      // The server does not answer; the outcome of what was done with the lock counts.
    }
  }
}
