/** A tenant, aggregate type, aggregate id or idempotency key takes at most this many bytes once encoded. */
export const MAX_NAME_BYTES = 200;

const PLAIN = /^[A-Za-z0-9_-]*$/;
/** Lone surrogates have no UTF-8 form, so they could not be read back. */
const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/;

/** Bytes that `name` takes as one subject token: three for every UTF-8 byte outside `[A-Za-z0-9_-]`. */
export function encodedNameBytes(name: string): number {
  if (PLAIN.test(name)) return name === '-' ? 3 : name.length;
  let bytes = 0;
  for (const byte of new TextEncoder().encode(name)) bytes += isPlainByte(byte) ? 1 : 3;
  return bytes;
}

/** What is wrong with `name` as a tenant, aggregate type or aggregate id, or undefined when nothing is. */
export function nameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'must be a string';
  if (name.length === 0) return 'must not be empty';
  if (name.length > MAX_NAME_BYTES) return `must be at most ${MAX_NAME_BYTES} bytes`;
  if (PLAIN.test(name)) return undefined;
  if (LONE_SURROGATE.test(name)) return 'must be well-formed Unicode';
  const bytes = encodedNameBytes(name);
  if (bytes > MAX_NAME_BYTES) return `takes ${bytes} bytes once encoded, at most ${MAX_NAME_BYTES} are allowed`;
  return undefined;
}

function isPlainByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 65 && byte <= 90) ||
    (byte >= 97 && byte <= 122) ||
    byte === 95 ||
    byte === 45
  );
}
