import { inflateRawSync } from 'node:zlib';

const END_OF_CENTRAL_DIRECTORY = 0x06054b50;
const CENTRAL_ENTRY = 0x02014b50;
const STORED = 0;
const DEFLATED = 8;

/**
 * Takes one file out of a zip archive; enough of the format for a release archive, so that no `unzip` is needed.
 * @param {Uint8Array} bytes
 * @param {string} fileName the last part of its path
 * @returns {Buffer | undefined} undefined when the archive has no such file
 */
export function extractFromZip(bytes, fileName) {
  const zip = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(zip);
  const entries = zip.readUInt16LE(end + 10);
  let offset = zip.readUInt32LE(end + 16);
  for (let index = 0; index < entries && zip.readUInt32LE(offset) === CENTRAL_ENTRY; index += 1) {
    const nameLength = zip.readUInt16LE(offset + 28);
    const path = zip.toString('utf8', offset + 46, offset + 46 + nameLength);
    if (path.split('/').pop() === fileName) return entryContent(zip, offset);
    offset += 46 + nameLength + zip.readUInt16LE(offset + 30) + zip.readUInt16LE(offset + 32);
  }
  return undefined;
}

/** @param {Buffer} zip */
function findEnd(zip) {
  for (let offset = zip.length - 22; offset >= 0; offset -= 1) {
    if (zip.readUInt32LE(offset) === END_OF_CENTRAL_DIRECTORY) return offset;
  }
  throw new RangeError('not a zip archive: it has no central directory');
}

/**
 * @param {Buffer} zip
 * @param {number} central offset of the file's central directory entry
 */
function entryContent(zip, central) {
  const method = zip.readUInt16LE(central + 10);
  const compressedBytes = zip.readUInt32LE(central + 20);
  const local = zip.readUInt32LE(central + 42);
  const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
  const content = zip.subarray(start, start + compressedBytes);
  if (method === STORED) return content;
  if (method === DEFLATED) return inflateRawSync(content);
  throw new RangeError(`zip compression method ${method} is not supported`);
}
