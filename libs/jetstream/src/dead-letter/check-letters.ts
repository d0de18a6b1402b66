import { ValidationError } from '@annals/core';

const DEFAULT_PAGE = 100;
const MAX_PAGE = 1_000;
const MIN_RATE = 0.01;
const MAX_RATE = 1_000_000;

/** Which page of letters is meant: its size, and the stream sequence of the first letter that may be on it. */
export function checkLetterPage({
  limit = DEFAULT_PAGE,
  cursor,
}: {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}): { readonly limit: number; readonly fromSequence: number } {
  const problems = [];
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > MAX_PAGE) {
    problems.push({ path: 'limit', message: `must be a whole number from 1 to ${MAX_PAGE}` });
  }
  const sequence = cursor === undefined ? 0 : /^[1-9]\d{0,15}$/.test(cursor) ? Number(cursor) : Number.NaN;
  if (!Number.isSafeInteger(sequence)) {
    problems.push({ path: 'cursor', message: 'must be the nextCursor of a page, as it was given' });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { limit, fromSequence: sequence + 1 };
}

/** Milliseconds between two letters; 0 without a rate. */
export function checkRedriveRate(ratePerSecond: number | undefined): number {
  if (ratePerSecond === undefined) return 0;
  if (typeof ratePerSecond !== 'number' || !(ratePerSecond >= MIN_RATE && ratePerSecond <= MAX_RATE)) {
    const message = `must be a number from ${MIN_RATE} to ${MAX_RATE}`;
    throw new ValidationError([{ path: 'ratePerSecond', message }]);
  }
  return 1_000 / ratePerSecond;
}
