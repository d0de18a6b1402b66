import { createHash } from 'node:crypto';
import { ChecksumMismatch, DownloadFailed } from './provision-errors.mjs';

/**
 * Checks a file against a `SHA256SUMS` listing.
 * @param {string} file name as listed
 * @param {Uint8Array} content
 * @param {string} sums text of SHA256SUMS: `<hex>  <name>` lines
 * @throws {ChecksumMismatch} when the content is not what is listed
 * @throws {DownloadFailed} when the file is not listed
 */
export function verifyChecksum(file, content, sums) {
  const expected = listedChecksum(file, sums);
  if (expected === undefined)
    throw new DownloadFailed(`SHA256SUMS does not list ${file}, so it cannot be verified and was not used.`);
  const actual = createHash('sha256').update(content).digest('hex');
  if (actual !== expected) throw new ChecksumMismatch(file, expected, actual);
}

/**
 * @param {string} file
 * @param {string} sums
 * @returns {string | undefined} lower-case hex
 */
export function listedChecksum(file, sums) {
  for (const line of sums.split('\n')) {
    const match = /^([0-9a-fA-F]{64})\s+\*?(\S+)\s*$/.exec(line);
    if (match && match[2] === file) return match[1]?.toLowerCase();
  }
  return undefined;
}
