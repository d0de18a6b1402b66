import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What stands before a document's bytes, as one line of JSON. */
export interface DocumentHead {
  readonly format: 1;
  /** SHA-256 of the compressed bytes, hexadecimal. */
  readonly digest: string;
  /** Where the bytes are when they do not follow here. */
  readonly parts?: { readonly id: string; readonly count: number };
}

/** A value as compressed JSON. */
export function packDocument(value: unknown): Promise<Buffer> {
  return compress(Buffer.from(JSON.stringify(value), 'utf8'), { level: 3 });
}

/** The value of {@link packDocument}. @throws when the bytes are damaged */
export async function unpackDocument(packed: Uint8Array, digest: string): Promise<unknown> {
  if (digestOf(packed) !== digest) throw new Error('the digest does not fit the bytes');
  return JSON.parse((await decompress(packed)).toString('utf8'));
}

export function digestOf(packed: Uint8Array): string {
  return createHash('sha256').update(packed).digest('hex');
}

/** The bytes of a head, followed by the document itself where it has no parts. */
export function encodeHead(head: DocumentHead, packed: Uint8Array): Buffer {
  const line = Buffer.from(`${JSON.stringify(head)}\n`, 'utf8');
  return head.parts ? line : Buffer.concat([line, packed]);
}

/** The head and the bytes behind it; undefined when there is no head. */
export function decodeHead(bytes: Uint8Array): { head: DocumentHead; packed: Uint8Array } | undefined {
  const end = bytes.indexOf(10);
  if (end < 0) return undefined;
  try {
    const head = JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8')) as DocumentHead;
    const valid = head?.format === 1 && typeof head.digest === 'string' && validParts(head.parts);
    return valid ? { head, packed: bytes.subarray(end + 1) } : undefined;
  } catch {
    return undefined;
  }
}

function validParts(parts: DocumentHead['parts']): boolean {
  return parts === undefined || (typeof parts.id === 'string' && Number.isSafeInteger(parts.count) && parts.count > 0);
}
