import { hash, randomFillSync } from 'node:crypto';

/** The link before version 1: base64url of 32 zero bytes. */
export const CHAIN_START: string = Buffer.alloc(32).toString('base64url');

/** Bytes of random salt with every event: without it, a kept digest of redacted data could be guessed back. */
export const SALT_BYTES = 16;

const DIGEST_BYTES = 32;
const POOL_BYTES = 4096;
const pool = Buffer.allocUnsafeSlow(POOL_BYTES);
let nextInPool = POOL_BYTES;

/** Reused for every link: hashing is synchronous, and a buffer for each would be most of its cost. */
const link = Buffer.allocUnsafeSlow(3 * DIGEST_BYTES);

/** Fills the first {@link SALT_BYTES} bytes of `target` with fresh random ones. */
export function fillSalt(target: Buffer): void {
  if (nextInPool + SALT_BYTES > POOL_BYTES) {
    randomFillSync(pool);
    nextInPool = 0;
  }
  pool.copy(target, 0, nextInPool, nextInPool + SALT_BYTES);
  nextInPool += SALT_BYTES;
}

/**
 * SHA-256 (salt ‖ body): what stays of a body when it is redacted.
 *
 * @param salted the salt and, right after it, the stored body
 * @returns base64url of 32 bytes
 */
export function bodyDigest(salted: Uint8Array): string {
  return hash('sha256', salted, 'base64url');
}

/**
 * The next link of an aggregate's chain: SHA-256 (previous ‖ SHA-256 (subject) ‖ digest).
 *
 * @param previous base64url of 32 bytes; {@link CHAIN_START} before version 1 and for an event without aggregate
 * @param subject the event's subject, which holds tenant, aggregate, version and type
 * @param digest of {@link bodyDigest}
 * @returns base64url of 32 bytes
 */
export function chainLink(previous: string, subject: string, digest: string): string {
  link.write(previous, 0, DIGEST_BYTES, 'base64url');
  link.write(hash('sha256', subject, 'binary'), DIGEST_BYTES, DIGEST_BYTES, 'binary');
  link.write(digest, 2 * DIGEST_BYTES, DIGEST_BYTES, 'base64url');
  return hash('sha256', link, 'base64url');
}
