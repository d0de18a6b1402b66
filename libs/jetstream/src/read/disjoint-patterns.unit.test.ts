import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { eventPatternProblem, matchesPattern } from '@annals/core';
import { disjointPatterns } from './disjoint-patterns.ts';

const typeToken = fc.constantFrom('a', 'b', 'c');
const type = fc.array(typeToken, { minLength: 1, maxLength: 4 }).map((tokens) => tokens.join('.'));
const pattern = fc
  .tuple(fc.array(fc.constantFrom('a', 'b', 'c', '*'), { maxLength: 3 }), fc.constantFrom('a', 'b', '*', '>'))
  .map(([tokens, last]) => [...tokens, last].join('.'));
const patterns = fc.array(pattern, { minLength: 1, maxLength: 8 });

describe('disjointPatterns', () => {
  it('match every type that the given patterns match', () => {
    fc.assert(
      fc.property(patterns, type, (given, eventType) => {
        const { patterns: made, exact } = disjointPatterns(given);
        const wanted = given.some((one) => matchesPattern(one, eventType));
        const matched = made.some((one) => matchesPattern(one, eventType));
        if (wanted) expect(matched).toBe(true);
        if (exact) expect(matched).toBe(wanted);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never match a type twice, and are patterns', () => {
    fc.assert(
      fc.property(patterns, type, (given, eventType) => {
        const { patterns: made } = disjointPatterns(given);
        expect(made.filter((one) => matchesPattern(one, eventType)).length).toBeLessThanOrEqual(1);
        for (const one of made) expect(eventPatternProblem(one)).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    [['user.created', 'user.deleted'], ['user.created', 'user.deleted'], true],
    [['user.*', 'user.created', 'user.*'], ['user.*'], true],
    [['>', 'a', 'b.c'], ['>'], true],
    [['user.>', 'user.*', 'user.a.b'], ['user.>'], true],
    [['user.*', '*.created'], ['*.*'], false],
    [['user.*', '*.created', 'order.paid'], ['*.*'], false],
    [['user.>', '*.created.*'], ['*.>'], false],
    [['a', 'a.b', 'a.b.c'], ['a', 'a.b', 'a.b.c'], true],
  ])('make %j to %j', (given, made, exact) => {
    expect(disjointPatterns(given)).toEqual({ patterns: made, exact });
  });
});
