import { MAX_TYPE_BYTES, MAX_TYPE_TOKENS } from '../event/event-type.ts';

const TOKEN = /^(?:[A-Za-z0-9_-]+|\*)$/;

/**
 * What is wrong with `pattern` as an event type or a pattern of types, or undefined when nothing is.
 *
 * `*` stands for exactly one token, `>` as the last token for one or more: `user.*`, `user.>`, `>`.
 */
export function eventPatternProblem(pattern: unknown): string | undefined {
  if (typeof pattern !== 'string' || pattern.length === 0) return 'must be an event type or a pattern like user.*';
  if (pattern.length > MAX_TYPE_BYTES) return `must be at most ${MAX_TYPE_BYTES} bytes`;
  const tokens = pattern.split('.');
  if (tokens.length > MAX_TYPE_TOKENS) return `must have at most ${MAX_TYPE_TOKENS} tokens`;
  const valid = tokens.every((token, i) => TOKEN.test(token) || (token === '>' && i === tokens.length - 1));
  return valid
    ? undefined
    : 'must be tokens of A-Z, a-z, 0-9, _ and - joined by dots, with * for one token or > at the end';
}

/** True when `type` is the pattern or falls under it. */
export function matchesPattern(pattern: string, type: string): boolean {
  if (!pattern.includes('*') && !pattern.includes('>')) return pattern === type;
  const wanted = pattern.split('.');
  const found = type.split('.');
  for (let i = 0; i < wanted.length; i++) {
    if (wanted[i] === '>') return found.length > i;
    if (found[i] === undefined || (wanted[i] !== '*' && wanted[i] !== found[i])) return false;
  }
  return wanted.length === found.length;
}
