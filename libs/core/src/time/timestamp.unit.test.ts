import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { compareTimestamps, isWithin, toUtcTimestamp } from '../index.ts';

/** Whole seconds from the year 1 to 9998, so that no offset leaves the years that can be written. */
const seconds = fc.integer({
  min: Date.UTC(1, 0, 1) / 1_000 + 86_400 * 400 * 1_000,
  max: Date.UTC(9998, 0, 1) / 1_000,
});
const digits = fc.string({ unit: fc.constantFrom(...'0123456789'), maxLength: 9 });

function text(second: number, fraction: string, zone = 'Z'): string {
  return `${new Date(second * 1_000).toISOString().slice(0, 19)}${fraction && `.${fraction}`}${zone}`;
}

/** Nanoseconds since 1970, exactly. */
function nanoseconds(second: number, fraction: string): bigint {
  return BigInt(second) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

describe('toUtcTimestamp', () => {
  it.each([
    ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59Z'],
    ['2024-02-29T23:59:59.1230Z', '2024-02-29T23:59:59.1230Z'],
    ['2024-02-29T23:59:59.123456789Z', '2024-02-29T23:59:59.123456789Z'],
    ['2024-02-29T23:59:59,5z', '2024-02-29T23:59:59.5Z'],
    ['2024-01-01T00:30Z', '2024-01-01T00:30:00Z'],
    ['2024-01-01T00:30+02:00', '2023-12-31T22:30:00Z'],
    ['2024-01-01T00:30:00.000-0530', '2024-01-01T06:00:00.000Z'],
    ['2024-01-01T00:00:00-00:00', '2024-01-01T00:00:00Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00Z'],
    ['9999-12-31T23:59:59.999999999Z', '9999-12-31T23:59:59.999999999Z'],
  ])('turns %s into %s', (given, utc) => expect(toUtcTimestamp(given)).toBe(utc));

  it.each([
    '',
    'now',
    '2024-01-01',
    '2024-01-01T00:00:00',
    '2024-01-01 00:00:00Z',
    '2024-1-1T00:00:00Z',
    '2024-13-01T00:00:00Z',
    '2024-00-01T00:00:00Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T00:60:00Z',
    '2024-01-01T00:00:60Z',
    '2024-01-01T00:00:00.Z',
    '2024-01-01T00:00:00.1234567890Z',
    '2024-01-01T00:00:00+24:00',
    '2024-01-01T00:00:00+00:60',
    '2024-01-01T00:00:00+2',
    '+002024-01-01T00:00:00Z',
    '0000-01-01T00:00:00+00:01',
    '9999-12-31T23:59:59-00:01',
    '2024-01-01T00:00:00Z\n',
    ' 2024-01-01T00:00:00Z',
    '٢٠٢٤-01-01T00:00:00Z',
    '2024-01-01T00:00:00.' + '1'.repeat(100_000) + 'Z',
    0,
    1_700_000_000_000,
    new Date(0),
    null,
    undefined,
    ['2024-01-01T00:00:00Z'],
  ])('refuses %p', (given) => expect(toUtcTimestamp(given)).toBeUndefined());

  it('keeps every digit of the second, whatever the offset', () => {
    const offset = fc.record({ hours: fc.integer({ min: -23, max: 23 }), minutes: fc.integer({ min: 0, max: 59 }) });
    fc.assert(
      fc.property(seconds, digits, offset, (second, fraction, { hours, minutes }) => {
        const sign = hours < 0 ? '-' : '+';
        const pad = (n: number) => String(Math.abs(n)).padStart(2, '0');
        const shift = (Math.abs(hours) * 3_600 + minutes * 60) * (hours < 0 ? -1 : 1);
        const local = text(second + shift, fraction, `${sign}${pad(hours)}:${pad(minutes)}`);
        expect(toUtcTimestamp(local)).toBe(text(second, fraction));
      }),
    );
  });

  it('leaves its own results as they are', () => {
    fc.assert(
      fc.property(seconds, digits, (second, fraction) => {
        const utc = text(second, fraction);
        expect(toUtcTimestamp(utc)).toBe(utc);
      }),
    );
  });

  it('takes every date that JavaScript writes', () => {
    const date = fc.date({
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59Z'),
      noInvalidDate: true,
    });
    fc.assert(fc.property(date, (at) => expect(toUtcTimestamp(at.toISOString())).toBe(at.toISOString())));
  });
});

describe('compareTimestamps', () => {
  it('orders as the points in time do, to the nanosecond, however many digits are written', () => {
    const near = fc.integer({ min: 1_700_000_000, max: 1_700_000_002 });
    const few = fc.string({ unit: fc.constantFrom('0', '1', '9'), maxLength: 9 });
    fc.assert(
      fc.property(fc.oneof(seconds, near), few, fc.oneof(seconds, near), few, (s1, f1, s2, f2) => {
        const [a, b] = [nanoseconds(s1, f1), nanoseconds(s2, f2)];
        expect(Math.sign(compareTimestamps(text(s1, f1), text(s2, f2)))).toBe(a < b ? -1 : a > b ? 1 : 0);
      }),
    );
  });

  it.each([
    ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.000000000Z', 0],
    ['2024-01-01T00:00:00.1Z', '2024-01-01T00:00:00.10Z', 0],
    ['2024-01-01T00:00:00.09Z', '2024-01-01T00:00:00.1Z', -1],
    ['2024-01-01T00:00:00.2Z', '2024-01-01T00:00:00.19Z', 1],
    ['2023-12-31T23:59:59.999999999Z', '2024-01-01T00:00:00Z', -1],
  ])('of %s and %s is %p', (a, b, order) => {
    expect(Math.sign(compareTimestamps(a, b))).toBe(order);
    expect(Math.sign(compareTimestamps(b, a))).toBe(order === 0 ? 0 : -order);
  });
});

describe('isWithin', () => {
  const at = '2024-01-02T00:00:00Z';
  it.each<[string | undefined, string | undefined, boolean]>([
    [undefined, undefined, true],
    [at, at, true],
    ['2024-01-02T00:00:00.0Z', '2024-01-02T00:00:00.000Z', true],
    ['2024-01-02T00:00:00.000000001Z', undefined, false],
    [undefined, '2024-01-01T23:59:59.999999999Z', false],
    ['2024-01-01T00:00:00Z', undefined, true],
    [undefined, '2024-01-03T00:00:00Z', true],
  ])('from %s to %s is %p', (from, to, within) => expect(isWithin(at, from, to)).toBe(within));
});
