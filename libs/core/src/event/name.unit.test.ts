import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { encodedNameBytes, nameProblem } from '../index.ts';

describe('nameProblem', () => {
  it.each([
    'a',
    '-',
    '.',
    '*',
    '>',
    ' ',
    '\0',
    '\r\n',
    '../x',
    '%',
    '日本語',
    '🎉',
    '__proto__',
    'x'.repeat(200),
    '.'.repeat(66) + 'xy',
  ])('finds nothing wrong with %j', (name) => expect(nameProblem(name)).toBeUndefined());

  it.each<[unknown, RegExp]>([
    [undefined, /must be a string/],
    [5, /must be a string/],
    ['', /must not be empty/],
    ['x'.repeat(201), /at most 200 bytes/],
    ['ü'.repeat(34), /takes 204 bytes once encoded, at most 200/],
    ['.'.repeat(67), /takes 201 bytes once encoded/],
    ['.'.repeat(66) + 'xyz', /takes 201 bytes once encoded/],
    ['\ud800', /well-formed/],
    ['a\udc00b', /well-formed/],
    ['\udc00\ud800', /well-formed/],
  ])('says what is wrong with %j', (name, problem) => expect(nameProblem(name)).toMatch(problem));

  it.each([
    ['aZ09_-', 6],
    ['-', 3],
    ['--', 2],
    ['.@[`{/:', 21],
    ['a_.', 5],
    ['ü', 6],
    ['🎉', 12],
  ])('counts %j as %p bytes', (name, bytes) => expect(encodedNameBytes(name)).toBe(bytes));

  it('counts bytes as percent-encoding makes them, and allows up to 200', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 80 }), (name) => {
        // encodeURIComponent leaves eleven marks alone, of which the store's encoding leaves only - and _.
        const encoded = encodeURIComponent(name).replace(/[.!~*'()]/g, '%00');
        const bytes = name === '-' ? 3 : encoded.length;
        expect(encodedNameBytes(name)).toBe(bytes);
        expect(nameProblem(name) === undefined).toBe(bytes <= 200);
      }),
    );
  });
});
