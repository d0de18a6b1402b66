/** A stream name has at most this many characters: it is a folder of the server and a token of every subject. */
export const MAX_STREAM_NAME = 64;

const PLAIN = /^[A-Za-z0-9_-]+$/;
/** Streams that JetStream keeps buckets in, or that the store keeps for other ends. */
const RESERVED = [/^KV_/i, /^OBJ_/i, /^ANNALS_/i, /^DEAD_LETTERS$/i, /^REDELIVERIES$/i];

/** What is wrong with `name` as the name of a stream of events, or undefined when nothing is. */
export function streamNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string') return 'must be a string';
  if (name.length === 0) return 'must not be empty';
  if (name.length > MAX_STREAM_NAME) return `must be at most ${MAX_STREAM_NAME} characters`;
  if (!PLAIN.test(name)) return 'must consist of A-Z, a-z, 0-9, _ and -';
  if (RESERVED.some((reserved) => reserved.test(name))) {
    return 'must not begin with KV_, OBJ_ or ANNALS_ nor be DEAD_LETTERS or REDELIVERIES, which are kept for other ends';
  }
  return undefined;
}
