import { type ExpectedVersion, type ValidationProblem, expectedVersionProblem } from '@annals/core';
import type { PublishTarget } from './event-to-publish.ts';

/** What the events of one aggregate in one append say about its head. */
export interface ExpectationClaim extends Pick<PublishTarget, 'version' | 'expectedVersion'> {
  /** Where to report a problem: path of the event, with a dot at its end unless empty. */
  readonly path: string;
}

/**
 * The one expectation of the events of one aggregate, in their order.
 *
 * - The first event's `expectedVersion` counts. A later one may repeat it, or say what it will be at its own place
 *   (the first one's plus its index); anything else is a problem, for it would go unheard.
 * - `version: n` at index i says "expected is n − 1 − i". All that is said must agree; `'any'` and `'exists'` never
 *   agree with a version, since they ask for no particular one.
 *
 * @param problems what is wrong is added here
 * @returns undefined when nothing is said
 */
export function expectationOf(
  claims: readonly ExpectationClaim[],
  problems: ValidationProblem[],
): ExpectedVersion | undefined {
  const given = claims[0]?.expectedVersion;
  let expected = given;
  claims.forEach(({ path, version, expectedVersion }, index) => {
    const problem = expectedVersion === undefined ? undefined : expectedVersionProblem(expectedVersion);
    if (problem) problems.push({ path: `${path}expectedVersion`, message: problem });
    else if (index > 0 && expectedVersion !== undefined && !repeats(expectedVersion, given, index)) {
      problems.push({
        path: `${path}expectedVersion`,
        message: "differs from that of the aggregate's first event, the only one that counts: leave it out here",
      });
    }
    if (version === undefined) return;
    if (!Number.isSafeInteger(version) || version <= index) {
      problems.push({ path: `${path}version`, message: `must be a whole number from ${index + 1} to 2^53-1` });
      return;
    }
    const implied = version - 1 - index;
    if (expected === undefined) expected = implied;
    else if (expected !== implied && !(expected === 'none' && implied === 0)) {
      problems.push({
        path: `${path}version`,
        message: `disagrees with expectedVersion ${expected}: as it stands, it means that ${implied} is expected`,
      });
    }
  });
  return expected;
}

function repeats(later: ExpectedVersion, first: ExpectedVersion | undefined, index: number): boolean {
  if (later === first) return true;
  const start = first === 'none' ? 0 : first;
  return typeof start === 'number' && later === start + index;
}
