import { gunzipSync } from 'node:zlib';

const BLOCK_BYTES = 512;

/**
 * Takes one file out of a gzipped tar archive; enough of the format for a release archive, so that no `tar` is needed.
 * @param {Uint8Array} archive
 * @param {string} fileName the last part of its path
 * @returns {Buffer | undefined} undefined when the archive has no such file
 */
export function extractFromTar(archive, fileName) {
  const tar = gunzipSync(archive);
  for (let offset = 0; offset + BLOCK_BYTES <= tar.length;) {
    const header = tar.subarray(offset, offset + BLOCK_BYTES);
    if (header[0] === 0) return undefined;
    const path = text(header, 0, 100);
    const sizeBytes = Number.parseInt(text(header, 124, 12).trim() || '0', 8);
    const type = text(header, 156, 1);
    const start = offset + BLOCK_BYTES;
    if ((type === '0' || type === '') && path.split('/').pop() === fileName)
      return tar.subarray(start, start + sizeBytes);
    offset = start + Math.ceil(sizeBytes / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return undefined;
}

/**
 * @param {Buffer} header
 * @param {number} start
 * @param {number} length
 */
function text(header, start, length) {
  const field = header.subarray(start, start + length).toString('latin1');
  const end = field.indexOf('\0');
  return end === -1 ? field : field.slice(0, end);
}
