/**
 * What a writer believes of an aggregate's head:
 * - a number: exactly this version (0: no event yet);
 * - `'none'`: no event yet;
 * - `'exists'`: at least one event;
 * - `'any'`: whatever it is.
 */
export type ExpectedVersion = number | 'any' | 'none' | 'exists';

/** What is wrong with `value` as an expected version, or undefined when nothing is. */
export function expectedVersionProblem(value: unknown): string | undefined {
  if (value === 'any' || value === 'none' || value === 'exists') return undefined;
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return undefined;
  return 'must be a whole number from 0 to 2^53-1, "any", "none" or "exists"';
}

/** True when a head at `actual` (0: no event) satisfies the expectation. */
export function satisfiesExpectation(expected: ExpectedVersion, actual: number): boolean {
  if (expected === 'any') return true;
  if (expected === 'none') return actual === 0;
  if (expected === 'exists') return actual > 0;
  return actual === expected;
}
