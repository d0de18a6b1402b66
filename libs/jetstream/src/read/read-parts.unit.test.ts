import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { EventFilter } from '@annals/core';
import { deepFreeze } from './deep-freeze.ts';
import { PullLedger } from './pull-ledger.ts';
import { recordedTime } from './recorded-time.ts';
import { serverFilters } from './server-filters.ts';
import { VersionPlan, limitedRange } from './version-plan.ts';

const direction = fc.constantFrom('forwards' as const, 'backwards' as const);

describe('limitedRange and VersionPlan', () => {
  it('cut a range into chunks that are the range in reading order', () => {
    const version = fc.integer({ min: 1, max: 300 });
    const sizes = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        version,
        version,
        fc.integer({ min: 1, max: 400 }),
        direction,
        sizes,
        (from, to, limit, way, size) => {
          const plan = new VersionPlan(limitedRange(from, to, limit, way), way);
          const read: number[] = [];
          for (let i = 0; ; i++) {
            const chunk = plan.take(size[i % size.length]!);
            if (!chunk) break;
            const versions = Array.from({ length: chunk.to - chunk.from + 1 }, (_, k) => chunk.from + k);
            expect(versions.length).toBeLessThanOrEqual(size[i % size.length]!);
            read.push(...(way === 'forwards' ? versions : versions.reverse()));
          }
          const all = Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
          if (way === 'backwards') all.reverse();
          expect(read).toEqual(all.slice(0, limit));
        },
      ),
    );
  });

  it('hold up to the largest version', () => {
    const last = Number.MAX_SAFE_INTEGER;
    const plan = new VersionPlan(limitedRange(last - 1, last, last, 'forwards'), 'forwards');
    expect([plan.take(1), plan.take(500), plan.take(500)]).toEqual([
      { from: last - 1, to: last - 1 },
      { from: last, to: last },
      undefined,
    ]);
  });
});

describe('recordedTime', () => {
  it('writes nanoseconds as Go does: all digits, no trailing zeros', () => {
    const nanoseconds = fc.bigInt({ min: 10n ** 17n, max: 4n * 10n ** 18n });
    fc.assert(
      fc.property(nanoseconds, fc.constantFrom(1n, 1_000n, 1_000_000n, 1_000_000_000n), (given, grain) => {
        const value = given - (given % grain);
        const seconds = new Date(Number(value / 1_000_000_000n) * 1_000).toISOString().slice(0, 19);
        const fraction = String(value % 1_000_000_000n)
          .padStart(9, '0')
          .replace(/0+$/, '');
        expect(recordedTime(String(value))).toBe(`${seconds}${fraction && `.${fraction}`}Z`);
      }),
    );
    expect(recordedTime('1795215489144390158')).toBe('2026-11-20T22:58:09.144390158Z');
    expect(recordedTime('1795215489000000000')).toBe('2026-11-20T22:58:09Z');
    expect(recordedTime('1795215489100000000')).toBe('2026-11-20T22:58:09.1Z');
  });
});

describe('PullLedger', () => {
  it('knows what is still to come, whatever came and ended', () => {
    const ledger = new PullLedger();
    ledger.pulled(3);
    ledger.pulled(2);
    expect([ledger.expected, ledger.pulls]).toEqual([5, 2]);
    ledger.received();
    ledger.ended();
    expect([ledger.expected, ledger.pulls]).toEqual([2, 1]);
    ledger.received();
    ledger.received();
    expect([ledger.expected, ledger.pulls]).toEqual([0, 0]);
    ledger.received();
    ledger.ended();
    expect([ledger.expected, ledger.pulls]).toEqual([0, 0]);
  });
});

describe('deepFreeze', () => {
  it('freezes all of a JSON value and leaves it what it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const before = JSON.stringify(value);
        expect(JSON.stringify(deepFreeze(value))).toBe(before);
        expectFrozen(value);
      }),
    );
  });

  it('freezes what is nested as deep as a body can be', () => {
    const deep = JSON.parse('['.repeat(4_000) + ']'.repeat(4_000)) as unknown[];
    expect(Object.isFrozen(deepFreeze(deep).flat(100)[0])).toBe(true);
    let nested: unknown[] = [];
    for (let i = 0; i < 500_000; i++) nested = [nested];
    expect(Object.isFrozen(deepFreeze(nested))).toBe(true);
  });
});

describe('serverFilters', () => {
  it.each<[EventFilter, string[], boolean]>([
    [{}, ['evt.>'], true],
    [{ tenantId: 'a.b' }, ['evt.a%2Eb.*.*.*.>'], true],
    [{ aggregateType: 'order', eventTypes: ['paid', 'sent'] }, ['evt.*.order.*.*.paid', 'evt.*.order.*.*.sent'], true],
    [{ eventTypes: ['order.*', 'order.paid'] }, ['evt.*.*.*.*.order.*'], true],
    [{ eventTypes: ['order.*', '*.paid'] }, ['evt.*.*.*.*.*.*'], false],
    [{ fromTimestamp: '2024-01-01T00:00:00Z' }, ['evt.>'], false],
    [{ recordedTo: '2024-01-01T00:00:00Z' }, ['evt.>'], false],
    [{ aggregateId: '1', fromVersion: 2, toVersion: 3 }, ['evt.*.*.1.2.>', 'evt.*.*.1.3.>'], true],
    [{ toVersion: 1 }, ['evt.*.*.*.1.>'], false],
    [{ aggregateType: 'order', toVersion: 1 }, ['evt.*.order.*.1.>'], true],
    [{ aggregateType: 'order', toVersion: 101 }, ['evt.*.order.*.*.>'], false],
    [{ aggregateType: 'order', fromVersion: 5 }, ['evt.*.order.*.*.>'], false],
  ])('make %j to %j', (filter, subjects, exact) => {
    expect(serverFilters('evt', filter)).toEqual({ subjects, exact });
  });
});

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  expect(Object.isFrozen(value)).toBe(true);
  for (const item of Object.values(value)) expectFrozen(item);
}
