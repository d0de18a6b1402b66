/** Types under this prefix belong to the store itself. */
export const RESERVED_TYPE_PREFIX = 'annals.';

/** An event type has at most this many tokens … */
export const MAX_TYPE_TOKENS = 8;
/** … and bytes. */
export const MAX_TYPE_BYTES = 200;

const TOKENS = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/;

/**
 * What is wrong with `type` as an event type, as a sentence without subject, or undefined when nothing is.
 *
 * Case is kept and meaningful; lower-case words joined by dots are a convention, not a rule.
 */
export function eventTypeProblem(type: unknown): string | undefined {
  if (typeof type !== 'string') return 'must be a string';
  if (type.length === 0) return 'must not be empty';
  if (type.length > MAX_TYPE_BYTES) return `must be at most ${MAX_TYPE_BYTES} bytes`;
  if (!TOKENS.test(type)) return 'must be tokens of A-Z, a-z, 0-9, _ and - joined by single dots, like user.created';
  if (tooManyTokens(type)) return `must have at most ${MAX_TYPE_TOKENS} tokens`;
  return undefined;
}

/** True for the store's own types, which only the store may append. */
export function isReservedType(type: string): boolean {
  return type.startsWith(RESERVED_TYPE_PREFIX);
}

function tooManyTokens(type: string): boolean {
  let tokens = 1;
  for (let dot = type.indexOf('.'); dot >= 0; dot = type.indexOf('.', dot + 1)) tokens++;
  return tokens > MAX_TYPE_TOKENS;
}
