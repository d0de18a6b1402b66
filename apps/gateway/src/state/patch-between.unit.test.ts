import fc from 'fast-check';
import jsonPatch from 'fast-json-patch';
import { patchBetween } from './patch-between.ts';

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<unknown>;
const copy = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;

describe('a patch between two JSON values', () => {
  it('makes the one of the other, whatever they are', () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        const [before, after] = [copy(a), copy(b)];
        const patch = patchBetween(before, after);
        const made = jsonPatch.applyPatch(copy(before), copy(patch) as never, true, false, false).newDocument;
        expect(made).toEqual(after);
      }),
    );
  });

  it('is empty between equal values', () => {
    fc.assert(fc.property(json, (value) => expect(patchBetween(copy(value), copy(value))).toEqual([])));
  });

  it('replaces the whole where the kind changes', () => {
    for (const [before, after] of [
      ['ab', 'cd'],
      [1, { a: 1 }],
      [{ a: 1 }, null],
      [{ a: 1 }, [1]],
      [false, 0],
    ]) {
      expect(patchBetween(before, after)).toEqual([{ op: 'replace', path: '', value: after }]);
    }
  });

  it('escapes names as JSON Pointer does', () => {
    expect(patchBetween({}, { 'a/b~c': 1 })).toEqual([{ op: 'add', path: '/a~1b~0c', value: 1 }]);
  });
});
