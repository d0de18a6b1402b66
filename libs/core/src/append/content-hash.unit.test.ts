import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type AppendPart, appendContentHash, canonicalJson } from '../index.ts';

const order = { type: 'order', id: '1' };
const placed = { type: 'order.placed', data: { a: 1, b: [2] } };

describe('canonicalJson', () => {
  it.each<[unknown, string]>([
    [{ b: 1, a: { d: 2, c: 3 } }, '{"a":{"c":3,"d":2},"b":1}'],
    [[{ b: 1, a: 2 }, 1], '[{"a":2,"b":1},1]'],
    [{ a: undefined, b: () => 1, c: Symbol('x') }, '{}'],
    [[undefined, () => 1], '[null,null]'],
    [{ at: new Date(0) }, '{"at":"1970-01-01T00:00:00.000Z"}'],
    [NaN, 'null'],
    [undefined, 'null'],
    ['ü"\n', '"ü\\"\\n"'],
    [JSON.parse('{"b":1,"__proto__":{"y":1,"x":2}}'), '{"__proto__":{"x":2,"y":1},"b":1}'],
    [{ 10: 'a', 9: 'b', x: 'c' }, '{"9":"b","10":"a","x":"c"}'],
  ])('writes %j with sorted keys', (value, text) => expect(canonicalJson(value)).toBe(text));

  it('reads back as the same value, and is the same for every order of keys', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(withKeysReversed(value))).toBe(text);
      }),
    );
  });
});

describe('appendContentHash', () => {
  const hash = (...parts: AppendPart[]) => appendContentHash(parts);

  it('is SHA-256 of the canonical content, base64url', () => {
    const content =
      '[{"aggregate":{"id":"1","type":"order"},"events":[{"data":{"a":1,"b":[2]},"type":"order.placed"}],' +
      '"expectedVersion":3,"tenantId":"acme"}]';
    const expected = createHash('sha256').update(content).digest('base64url');
    expect(hash({ aggregate: { ...order, tenantId: 'acme' }, events: [placed], expectedVersion: 3 })).toBe(expected);
  });

  it('does not depend on the order of keys, nor on whether defaults are written out', () => {
    const plain = hash({ aggregate: order, events: [placed] });
    expect(hash({ events: [{ data: { b: [2], a: 1 }, type: 'order.placed' }], aggregate: order })).toBe(plain);
    expect(hash({ aggregate: { ...order, tenantId: 'default' }, events: [placed], expectedVersion: 'any' })).toBe(
      plain,
    );
    expect(hash({ tenantId: 'default', aggregate: order, events: [{ ...placed, userId: undefined }] })).toBe(plain);
  });

  it('differs where the content does', () => {
    const all = [
      hash({ aggregate: order, events: [placed] }),
      hash({ aggregate: { ...order, id: '2' }, events: [placed] }),
      hash({ aggregate: { ...order, type: 'cart' }, events: [placed] }),
      hash({ aggregate: { ...order, tenantId: 'acme' }, events: [placed] }),
      hash({ aggregate: order, events: [placed], expectedVersion: 'none' }),
      hash({ aggregate: order, events: [placed], expectedVersion: 0 }),
      hash({ aggregate: order, events: [placed, placed] }),
      hash({ aggregate: order, events: [{ ...placed, messageId: 'a' }] }),
      hash({ aggregate: order, events: [{ ...placed, data: { a: 1, b: [2, null] } }] }),
      hash({ events: [placed] }),
      hash({ events: [placed] }, { events: [placed] }),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it.each<[string, unknown]>([
    ['a bigint', 1n],
    ['a loop', loop()],
    ['more levels than the stack', JSON.parse('['.repeat(100_000) + ']'.repeat(100_000))],
  ])('refuses %s as wrong input', (_, data) => {
    expect(() => hash({ events: [{ type: 'a', data }] })).toThrow(
      expect.objectContaining({ code: 'validation-failed', errors: [expect.objectContaining({ path: 'events' })] }),
    );
  });
});

function withKeysReversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withKeysReversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, child]) => [key, withKeysReversed(child)] as const);
  return Object.fromEntries(entries.reverse());
}

function loop(): unknown {
  const object: Record<string, unknown> = {};
  object.self = object;
  return object;
}
