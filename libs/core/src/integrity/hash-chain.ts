import { createHash, hash as oneShotHash, randomFillSync } from 'node:crypto';

/** The link before version 1: 32 zero bytes. */
export const CHAIN_START: Buffer = Buffer.alloc(32);

/** Bytes of random salt with every event: without it, a kept digest of redacted data could be guessed back. */
export const SALT_BYTES = 16;

const POOL_BYTES = 4096;
let pool = Buffer.alloc(0);
let next = 0;

/** A fresh salt of 16 random bytes. */
export function newSalt(): Buffer {
  if (next + SALT_BYTES > pool.length) {
    pool = randomFillSync(Buffer.allocUnsafeSlow(POOL_BYTES));
    next = 0;
  }
  return pool.subarray(next, (next += SALT_BYTES));
}

/** SHA-256 (salt ‖ body): what stays of a body when it is redacted. */
export function bodyDigest(salt: Uint8Array, body: Uint8Array): Buffer {
  return createHash('sha256').update(salt).update(body).digest();
}

/**
 * The next link of an aggregate's chain: SHA-256 (previous ‖ SHA-256 (subject) ‖ digest).
 *
 * @param previous 32 bytes; {@link CHAIN_START} before version 1 and for an event without aggregate
 * @param subject the event's subject, which holds tenant, aggregate, version and type
 * @param digest of {@link bodyDigest}
 * @returns 32 bytes
 */
export function chainLink(previous: Uint8Array, subject: string, digest: Uint8Array): Buffer {
  const link = Buffer.allocUnsafe(96);
  link.set(previous, 0);
  link.set(oneShotHash('sha256', subject, 'buffer'), 32);
  link.set(digest, 64);
  return oneShotHash('sha256', link, 'buffer');
}
