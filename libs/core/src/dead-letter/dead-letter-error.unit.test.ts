import { describe, expect, it } from '@jest/globals';
import { deadLetterError, deadLetterReason } from './dead-letter-error.ts';

describe('deadLetterError', () => {
  it('describes an error by name, message, code and stack', () => {
    const error = Object.assign(new RangeError('too far'), { code: 'E_FAR' });
    expect(deadLetterError(error)).toEqual({
      name: 'RangeError',
      message: 'too far',
      code: 'E_FAR',
      stack: error.stack,
    });
  });

  it('takes a number for a code, and leaves out what is none', () => {
    expect(deadLetterError(Object.assign(new Error('x'), { code: 7 })).code).toBe('7');
    expect(deadLetterError(Object.assign(new Error('x'), { code: {} }))).not.toHaveProperty('code');
    const withoutStack = new Error('x');
    delete withoutStack.stack;
    expect(deadLetterError(withoutStack)).toEqual({ name: 'Error', message: 'x' });
  });

  it.each<[thrown: unknown, name: string, message: string]>([
    ['a text', 'string', 'a text'],
    ['', 'string', ''],
    [7, 'number', '7'],
    [undefined, 'undefined', 'undefined'],
    [null, 'object', 'null'],
    [{ status: 500 }, 'object', '{"status":500}'],
    [10n, 'bigint', '10'],
    [parseInt, 'function', 'function parseInt() { [native code] }'],
    [Symbol('s'), 'symbol', 'Symbol(s)'],
  ])('describes %p, which is no error', (thrown, name, message) => {
    expect(deadLetterError(thrown)).toEqual({ name, message });
  });

  it('cuts what is long, and no character in half', () => {
    const error = Object.assign(new Error('x'.repeat(5_000)), { name: 'n'.repeat(500), code: 'c'.repeat(500) });
    error.stack = 's'.repeat(50_000);
    const { name, message, code, stack } = deadLetterError(error);
    expect([name.length, message.length, code!.length, stack!.length]).toEqual([200, 2_000, 200, 4_000]);
    expect(message.endsWith('x…')).toBe(true);
    const paired = deadLetterError(new Error(`${'x'.repeat(1_998)}😀😀`)).message;
    expect(paired).toBe(`${'x'.repeat(1_998)}…`);
    expect(deadLetterError(new Error('x'.repeat(2_000))).message).toBe('x'.repeat(2_000));
  });

  it('never throws, whatever was thrown', () => {
    const hostile = new Error('x');
    Object.defineProperty(hostile, 'message', {
      get() {
        throw new Error('of the getter');
      },
    });
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const thrown: unknown[] = [
      hostile,
      circular,
      Object.create(null),
      Object.assign(Object.create(null) as object, { self: circular }),
      Object.assign(new Error('x'), { name: Symbol('n'), message: { toString: () => 7 } }),
      new Proxy(new Error('x'), {
        get() {
          throw new Error('of the proxy');
        },
      }),
      {
        toJSON() {
          throw new Error('of toJSON');
        },
        toString() {
          throw new Error('of toString');
        },
      },
    ];
    for (const one of thrown) {
      const { name, message } = deadLetterError(one);
      expect([typeof name, typeof message]).toEqual(['string', 'string']);
    }
  });
});

describe('deadLetterReason', () => {
  it('is the text that was given, in bounded length', () => {
    expect(deadLetterReason('no such product')).toBe('no such product');
    expect(deadLetterReason('x'.repeat(100_000))).toHaveLength(2_000);
  });

  it('is a text whatever was given', () => {
    expect(deadLetterReason(undefined)).toBe('undefined');
    expect(typeof deadLetterReason(Object.create(null))).toBe('string');
  });
});
