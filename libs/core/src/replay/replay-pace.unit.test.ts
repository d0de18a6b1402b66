import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ReplayPace } from '../index.ts';
import { ReplayRate, etaMs } from './replay-rate.ts';

describe('ReplayPace', () => {
  it('hands over in batches of a hundred without a rate, and never waits', () => {
    const pace = new ReplayPace(undefined, () => 0);
    expect(pace.batchSize).toBe(100);
    expect([pace.take(100), pace.take(100)]).toEqual([0, 0]);
  });

  it.each([
    [0.01, 1],
    [1, 1],
    [55, 5],
    [999, 99],
    [1_000, 100],
    [1_000_000, 100],
  ])('hands over at %d a second in batches of %d', (rate, size) => {
    expect(new ReplayPace(rate, () => 0).batchSize).toBe(size);
  });

  it('lets the first batch go at once, and each other one when its time has come', () => {
    let now = 5_000;
    const pace = new ReplayPace(100, () => now);
    expect(pace.take(10)).toBe(0);
    expect(pace.take(10)).toBe(100);
    now += 100;
    expect(pace.take(10)).toBe(100);
  });

  it('does not make up for time that was lost', () => {
    let now = 0;
    const pace = new ReplayPace(100, () => now);
    pace.take(10);
    now = 60_000;
    expect(pace.take(10)).toBe(0);
    expect(pace.take(10)).toBe(100);
  });

  it('never exceeds its rate by more than a batch, however it is called', () => {
    const rates = fc.double({ min: 0.01, max: 10_000, noNaN: true });
    const delays = fc.array(fc.integer({ min: 0, max: 3_000 }), { minLength: 1, maxLength: 50 });
    fc.assert(
      fc.property(rates, delays, (rate, lostMs) => {
        let now = 0;
        let sent = 0;
        const pace = new ReplayPace(rate, () => now);
        for (const lost of lostMs) {
          now += lost + pace.take(pace.batchSize);
          sent += pace.batchSize;
          expect(sent).toBeLessThanOrEqual((now / 1_000) * rate + pace.batchSize + 1e-6);
        }
      }),
    );
  });
});

describe('ReplayRate', () => {
  it('tells how many events a second there were over the last five seconds', () => {
    let now = 0;
    const rate = new ReplayRate(() => now);
    expect(rate.perSecond()).toBe(0);
    const at: number[] = [];
    for (let i = 1; i <= 40; i++) {
      now += 500;
      rate.add(i <= 20 ? 50 : 5);
      at.push(rate.perSecond());
    }
    expect(at[19]).toBe(100);
    expect(at[39]).toBe(10);
  });

  it('is 0 when nothing happens any more', () => {
    let now = 0;
    const rate = new ReplayRate(() => now);
    rate.add(1_000);
    for (let i = 0; i < 30; i++) {
      now += 250;
      rate.perSecond();
    }
    expect(rate.perSecond()).toBe(0);
  });
});

describe('etaMs', () => {
  it('is what the rest takes, and unknown where nothing moves', () => {
    expect([etaMs(100, 50), etaMs(0, 50), etaMs(0, 0), etaMs(100, 0)]).toEqual([2_000, 0, 0, undefined]);
  });
});
