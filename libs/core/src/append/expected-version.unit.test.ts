import { describe, expect, it } from '@jest/globals';
import { type ExpectedVersion, expectedVersionProblem, satisfiesExpectation } from '../index.ts';

describe('expectedVersionProblem', () => {
  it.each(['any', 'none', 'exists', 0, 1, Number.MAX_SAFE_INTEGER, -0])('finds nothing wrong with %p', (value) =>
    expect(expectedVersionProblem(value)).toBeUndefined(),
  );

  it.each([-1, 0.5, NaN, Infinity, 2 ** 53, '0', 'ANY', '', null, undefined, true, [], {}, 1n])('refuses %p', (value) =>
    expect(expectedVersionProblem(value)).toMatch(/whole number from 0 to 2\^53-1/),
  );
});

describe('satisfiesExpectation', () => {
  const heads = [0, 1, 5];
  it.each<[ExpectedVersion, number[]]>([
    ['any', [0, 1, 5]],
    ['none', [0]],
    ['exists', [1, 5]],
    [0, [0]],
    [1, [1]],
    [5, [5]],
    [6, []],
  ])('lets %p in at the heads %p only', (expected, accepted) => {
    expect(heads.filter((head) => satisfiesExpectation(expected, head))).toEqual(accepted);
  });
});
