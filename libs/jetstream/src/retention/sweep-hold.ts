import { nuid } from '@nats-io/transport-node';
import { sweepHoldKey } from '../bucket/bucket-names.ts';
import { type Bucket, CONFLICT } from '../bucket/bucket.ts';

/** A hold goes away by itself after this, should its owner die. */
const HOLD_SECONDS = 60;
const RENEW_MS = 20_000;

/**
 * Asks the sweeper of a stream to wait, so that what is counted meanwhile stays as it is. A hold is a courtesy, no lock:
 * whoever needs certainty looks afterwards whether the record is still the same.
 *
 * @returns lets the sweeper go on, unless another process holds it too
 * @throws StoreUnavailable
 */
export async function holdSweep(bucket: Bucket, stream: string): Promise<() => Promise<void>> {
  const key = sweepHoldKey(stream);
  const owner = nuid.next();
  let held = await bucket.put(key, owner, 0, HOLD_SECONDS);
  const renewal = setInterval(() => {
    const renewed = bucket.put(key, owner, held === CONFLICT ? 0 : held, HOLD_SECONDS);
    renewed.then((revision) => (held = revision)).catch(() => undefined);
  }, RENEW_MS);
  renewal.unref();
  return async () => {
    clearInterval(renewal);
    if (held !== CONFLICT) await bucket.remove(key);
  };
}

/** True while somebody asks the sweeper of a stream to wait. */
export async function isSweepHeld(bucket: Bucket, stream: string): Promise<boolean> {
  return (await bucket.get(sweepHoldKey(stream))) !== undefined;
}
