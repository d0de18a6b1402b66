import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { eventPatternProblem, eventTypeProblem, matchesPattern } from '../index.ts';

const token = fc.constantFrom('a', 'b', 'A', '-', '_1');
const types = fc.array(token, { minLength: 1, maxLength: 5 }).map((tokens) => tokens.join('.'));
const patterns = fc
  .tuple(fc.array(fc.oneof(token, fc.constant('*')), { maxLength: 4 }), fc.constantFrom('a', '*', '>'))
  .map(([tokens, last]) => [...tokens, last].join('.'));

describe('eventPatternProblem', () => {
  it.each(['user.created', '*', '>', 'user.*', 'user.>', '*.*', '*.created', '*.>', 'a.*.b', 'a.b.c.d.e.f.g.>'])(
    'finds nothing wrong with %j',
    (pattern) => expect(eventPatternProblem(pattern)).toBeUndefined(),
  );

  it.each<[unknown, RegExp]>([
    [undefined, /must be an event type or a pattern/],
    [5, /must be an event type or a pattern/],
    ['', /must be an event type or a pattern/],
    ['x'.repeat(201), /at most 200 bytes/],
    ['a.b.c.d.e.f.g.h.>', /at most 8 tokens/],
    ['>.a', /with \* for one token or > at the end/],
    ['a.>.b', /must be tokens/],
    ['a*', /must be tokens/],
    ['a.b*', /must be tokens/],
    ['**', /must be tokens/],
    ['a.>>', /must be tokens/],
    ['a..b', /must be tokens/],
    ['.', /must be tokens/],
    ['a b', /must be tokens/],
    ['a\n', /must be tokens/],
  ])('says what is wrong with %j', (pattern, problem) => expect(eventPatternProblem(pattern)).toMatch(problem));

  it('takes every event type', () => {
    fc.assert(
      fc.property(types, (type) => {
        expect(eventTypeProblem(type)).toBeUndefined();
        expect(eventPatternProblem(type)).toBeUndefined();
      }),
    );
  });
});

describe('matchesPattern', () => {
  it.each<[string, string[], string[]]>([
    ['user.created', ['user.created'], ['user', 'user.created.now', 'User.created', 'user_created']],
    ['*', ['user'], ['user.created']],
    ['>', ['user', 'user.created', 'a.b.c'], []],
    ['user.*', ['user.created'], ['user', 'user.a.b', 'users.created']],
    ['user.>', ['user.created', 'user.a.b'], ['user', 'users.a']],
    ['*.created', ['user.created', 'order.created'], ['created', 'a.user.created']],
    ['a.*.c', ['a.b.c'], ['a.c', 'a.b.b.c', 'a.b']],
    ['*.>', ['a.b', 'a.b.c'], ['a']],
  ])('%s means %j and none of %j', (pattern, means, others) => {
    expect(means.filter((type) => !matchesPattern(pattern, type))).toEqual([]);
    expect(others.filter((type) => matchesPattern(pattern, type))).toEqual([]);
  });

  it('agrees with a regular expression that is built token by token', () => {
    fc.assert(
      fc.property(patterns, types, (pattern, type) => {
        const source = pattern
          .split('.')
          .map((part) => (part === '*' ? '[^.]+' : part === '>' ? '[^.]+(\\.[^.]+)*' : part))
          .join('\\.');
        expect(matchesPattern(pattern, type)).toBe(new RegExp(`^${source}$`).test(type));
      }),
      { numRuns: 500 },
    );
  });

  it('finds every type under the patterns that are made of it', () => {
    fc.assert(
      fc.property(types, fc.nat(), (type, n) => {
        const tokens = type.split('.');
        const at = n % tokens.length;
        expect(matchesPattern(tokens.with(at, '*').join('.'), type)).toBe(true);
        expect(matchesPattern([...tokens.slice(0, at), '>'].join('.'), type)).toBe(true);
      }),
    );
  });
});
