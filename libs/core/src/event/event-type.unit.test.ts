import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { MAX_TYPE_BYTES, eventTypeProblem, isReservedType } from '../index.ts';

describe('eventTypeProblem', () => {
  it.each(['a', 'user.created', 'COMPLAINT_CREATED', 'RequirementApproved', 'a-b.c_d', '1.2', '-', 'a.b.c.d.e.f.g.h'])(
    'finds nothing wrong with %j',
    (type) => expect(eventTypeProblem(type)).toBeUndefined(),
  );

  it.each<[unknown, string]>([
    [undefined, 'must be a string'],
    [null, 'must be a string'],
    [['user.created'], 'must be a string'],
    ['', 'must not be empty'],
    ['a.b.c.d.e.f.g.h.i', 'must have at most 8 tokens'],
    ['x'.repeat(201), 'must be at most 200 bytes'],
  ])('says what is wrong with %j', (type, problem) => expect(eventTypeProblem(type)).toBe(problem));

  it.each(['.', 'a.', '.a', 'a..b', 'a b', 'a\n', '\na', 'user.*', '>', 'ü', 'a%2Eb', 'a/b', 'a\0'])(
    'refuses %j, which is no list of tokens',
    (type) => expect(eventTypeProblem(type)).toMatch(/tokens of/),
  );

  it('allows exactly what the rule says', () => {
    const loose = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '_', '-', '.', '*', ' '), maxLength: 12 });
    fc.assert(
      fc.property(loose, (type) => {
        const tokens = type.split('.');
        const allowed = tokens.length <= 8 && tokens.every((token) => token !== '' && !/[* ]/.test(token));
        expect(eventTypeProblem(type) === undefined).toBe(allowed);
      }),
    );
  });

  it('takes a type of exactly the longest length', () => {
    expect(eventTypeProblem('x'.repeat(MAX_TYPE_BYTES))).toBeUndefined();
  });
});

describe('isReservedType', () => {
  it.each([
    ['annals.event.redacted', true],
    ['annals.', true],
    ['annals', false],
    ['Annals.x', false],
    ['my.annals.x', false],
  ])('says of %j: %p', (type, reserved) => expect(isReservedType(type)).toBe(reserved));
});
