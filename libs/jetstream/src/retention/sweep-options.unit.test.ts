import { isValidationError } from '@annals/core';
import { type SweepOptions, sweepTimes } from './sweep-options.ts';

const NOW = Date.parse('2024-06-01T00:00:00Z');
const MINUTE = 60_000;

describe('sweepTimes', () => {
  it('takes days from now, or a point in time in any zone', () => {
    expect(sweepTimes({ days: 1 }, NOW).cutoffMs).toBe(NOW - 24 * 60 * MINUTE);
    expect(sweepTimes({ days: 0.5 }, NOW).cutoffMs).toBe(NOW - 12 * 60 * MINUTE);
    expect(sweepTimes({ olderThan: '2024-05-01T02:00:00+02:00' }, NOW).cutoffMs).toBe(
      Date.parse('2024-05-01T00:00:00Z'),
    );
  });

  it('never takes what has not settled yet', () => {
    expect(sweepTimes({ olderThan: '2030-01-01T00:00:00Z' }, NOW)).toEqual({
      cutoffMs: NOW - 5 * MINUTE,
      settledBeforeMs: NOW - 5 * MINUTE,
    });
    expect(sweepTimes({ olderThan: '2030-01-01T00:00:00Z', settleMs: 0 }, NOW).cutoffMs).toBe(NOW);
  });

  it.each<unknown>([
    { days: 0 },
    { days: -1 },
    { days: Number.NaN },
    { days: Infinity },
    { days: 36_526 },
    { days: '30' },
    { days: null },
    {},
    { olderThan: 'yesterday' },
    { olderThan: '2024-02-31T00:00:00Z' },
    { olderThan: 5 },
    { days: 1, settleMs: -1 },
    { days: 1, settleMs: Number.NaN },
  ])('refuses %j', (options) => {
    try {
      sweepTimes(options as SweepOptions, NOW);
    } catch (error) {
      expect(isValidationError(error)).toBe(true);
      return;
    }
    throw new Error('it was taken');
  });
});
