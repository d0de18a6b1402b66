import { randomFillSync } from 'node:crypto';
import { ulid } from 'ulid';

/** Makes message ids. */
export type MessageIdSource = () => string;

/** Random bytes are drawn in blocks: one call to the operating system serves some 250 ids. */
const POOL_BYTES = 4096;

/**
 * ULIDs: 48 bits of time, then 80 random bits, so that ids sort by the time they were made at.
 *
 * @param now milliseconds since 1970
 */
export function ulidSource(now: () => number): MessageIdSource {
  const pool = new Uint8Array(POOL_BYTES);
  let next = POOL_BYTES;
  const random = (): number => {
    if (next === POOL_BYTES) {
      randomFillSync(pool);
      next = 0;
    }
    return pool[next++]! / 256;
  };
  return () => ulid(now(), random);
}
