import { type ExpectedVersion, type ValidationProblem, expectedVersionProblem } from '@annals/core';

/** What a posted event says of its aggregate's head. */
export interface Expectation {
  /** Undefined: nothing was said. */
  readonly expected: ExpectedVersion | undefined;
  /** The version that the first event gets if the expectation holds; undefined when it does not follow. */
  readonly firstVersion: number | undefined;
}

const NOTHING: Expectation = { expected: undefined, firstVersion: undefined };

/** Reads `expectedVersion` and `version` (n: expects n − 1) of an aggregate's first event; they must agree. */
export function expectationOf(
  { expectedVersion, version }: { expectedVersion: unknown; version: unknown },
  hasAggregate: boolean,
  path: string,
  problems: ValidationProblem[],
): Expectation {
  if (expectedVersion === undefined && version === undefined) return NOTHING;
  const before = problems.length;
  const report = (field: string, message: string): void => void problems.push({ path: `${path}${field}`, message });
  if (expectedVersion !== undefined) {
    const problem = expectedVersionProblem(expectedVersion);
    if (problem) report('expectedVersion', problem);
    else if (!hasAggregate) report('expectedVersion', 'needs aggregateType and aggregateId');
  }
  if (version !== undefined) {
    if (!isVersion(version)) report('version', 'must be a whole number from 1 to 2^53-1');
    else if (!hasAggregate) report('version', 'needs aggregateType and aggregateId');
  }
  if (problems.length > before) return NOTHING;
  const expected = (expectedVersion ?? (version as number) - 1) as ExpectedVersion;
  const head = expected === 'none' ? 0 : expected;
  if (version !== undefined && head !== (version as number) - 1) {
    report('version', `means that ${(version as number) - 1} is expected, which disagrees with expectedVersion`);
    return NOTHING;
  }
  return { expected, firstVersion: typeof head === 'number' ? head + 1 : undefined };
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
