import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type RecordedEvent, mergePatch, mergePatchReducer } from '../index.ts';

const json = (text: string) => JSON.parse(text) as unknown;

describe('mergePatch', () => {
  // The examples of RFC 7396, appendix A.
  it.each([
    ['{"a":"b"}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"b"}', '{"b":"c"}', '{"a":"b","b":"c"}'],
    ['{"a":"b"}', '{"a":null}', '{}'],
    ['{"a":"b","b":"c"}', '{"a":null}', '{"b":"c"}'],
    ['{"a":["b"]}', '{"a":"c"}', '{"a":"c"}'],
    ['{"a":"c"}', '{"a":["b"]}', '{"a":["b"]}'],
    ['{"a":{"b":"c"}}', '{"a":{"b":"d","c":null}}', '{"a":{"b":"d"}}'],
    ['{"a":[{"b":"c"}]}', '{"a":[1]}', '{"a":[1]}'],
    ['["a","b"]', '["c","d"]', '["c","d"]'],
    ['{"a":"b"}', '["c"]', '["c"]'],
    ['{"a":"foo"}', 'null', 'null'],
    ['{"a":"foo"}', '"bar"', '"bar"'],
    ['{"e":null}', '{"a":1}', '{"e":null,"a":1}'],
    ['[1,2]', '{"a":"b","c":null}', '{"a":"b"}'],
    ['{}', '{"a":{"bb":{"ccc":null}}}', '{"a":{"bb":{}}}'],
  ])('of %s by %s is %s', (target, patch, result) => {
    expect(mergePatch(json(target), json(patch))).toEqual(json(result));
  });

  it('takes keys that mean something to JavaScript as data, and changes no prototype', () => {
    const patch = json('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":2}},"toString":3}');
    const once = mergePatch({}, patch);
    expect(JSON.stringify(once)).toBe(JSON.stringify(patch));
    const twice = mergePatch(once, json('{"__proto__":{"more":true},"toString":null}'));
    expect(JSON.stringify(twice)).toBe(
      '{"__proto__":{"polluted":1,"more":true},"constructor":{"prototype":{"polluted":2}}}',
    );
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(once)).toBe(Object.prototype);
  });

  it('changes neither of its arguments', () => {
    const objects = fc.dictionary(fc.string({ maxLength: 2 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 4 });
    fc.assert(
      fc.property(objects, objects, (target, patch) => {
        const before = JSON.stringify([target, patch]);
        mergePatch(target, patch);
        expect(JSON.stringify([target, patch])).toBe(before);
      }),
    );
  });

  it('is the patch once it was applied: doing it again changes nothing', () => {
    const value = fc.jsonValue({ maxDepth: 3 });
    fc.assert(
      fc.property(value, value, (target, patch) => {
        const once = mergePatch(target, patch);
        expect(mergePatch(once, patch)).toEqual(once);
      }),
    );
  });
});

describe('mergePatchReducer', () => {
  const event = (type: string, data: unknown) => ({ type, data, timestamp: '2024-01-01T00:00:00Z' }) as RecordedEvent;

  it('merges data into the state', () => {
    const state = mergePatchReducer({ name: 'A', mail: 'a@x' }, event('user.updated', { name: 'B', mail: null }));
    expect(state).toEqual({ name: 'B' });
  });

  it('marks the state of what was deleted', () => {
    const marks = { isDeleted: true, deletedAt: '2024-01-01T00:00:00Z' };
    expect(mergePatchReducer({ name: 'A' }, event('user.deleted', { by: 'me' }))).toEqual({
      name: 'A',
      by: 'me',
      ...marks,
    });
    expect(mergePatchReducer(undefined, event('user.deleted', null))).toEqual(marks);
    expect(mergePatchReducer({}, event('user.undeleted', {}))).toEqual({});
  });
});
