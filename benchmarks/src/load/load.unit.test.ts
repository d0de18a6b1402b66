import { describe, expect, it } from '@jest/globals';
import { closedLoop } from './closed-loop.ts';
import { atConstantRate, FellBehind } from './constant-rate.ts';
import { Latencies } from './latencies.ts';

/** Resolves when `release` is called. */
function gate(): { readonly opened: Promise<void>; readonly release: () => void } {
  let release = () => {};
  const opened = new Promise<void>((resolve) => (release = resolve));
  return { opened, release };
}

describe('a closed loop', () => {
  it('keeps as many operations in flight as asked for and ends after as many as allowed', async () => {
    let inFlight = 0;
    let most = 0;
    const workers = new Set<number>();
    await closedLoop(5, { seconds: 10, operations: 23 }, async (worker) => {
      workers.add(worker);
      most = Math.max(most, ++inFlight);
      await Promise.resolve();
      inFlight--;
    });
    expect(most).toBe(5);
    expect([...workers].sort()).toEqual([0, 1, 2, 3, 4]);
  });

  it('begins nothing after its time', async () => {
    let operations = 0;
    const count = async () => void operations++;
    await closedLoop(2, { seconds: 0, operations: 100 }, count);
    expect(operations).toBe(0);
  });

  it('fails with the first failure and begins nothing after it', async () => {
    let operations = 0;
    const failing = async () => {
      operations++;
      throw new Error('refused');
    };
    await expect(closedLoop(3, { seconds: 10, operations: 1_000 }, failing)).rejects.toThrow('refused');
    expect(operations).toBeLessThanOrEqual(3);
  });
});

describe('a constant rate', () => {
  it('begins operations whether earlier ones are done or not', async () => {
    const { opened, release } = gate();
    let begun = 0;
    await atConstantRate({ perSecond: 1_000, maxInFlight: 50 }, { seconds: 10, operations: 20 }, async () => {
      if (++begun === 20) release();
      await opened;
    });
    expect(begun).toBe(20);
  });

  it('tells each operation when it was due, at even distances', async () => {
    const due: number[] = [];
    await atConstantRate({ perSecond: 500, maxInFlight: 50 }, { seconds: 10, operations: 10 }, async (dueAtMs) => {
      due.push(dueAtMs);
    });
    const distances = due.slice(1).map((at, index) => at - due[index]!);
    for (const distance of distances) expect(distance).toBeCloseTo(2, 5);
  });

  it('fails when the service falls behind for good', async () => {
    const { opened, release } = gate();
    const run = atConstantRate({ perSecond: 1_000, maxInFlight: 5 }, { seconds: 10, operations: 100 }, () => opened);
    await expect(run).rejects.toThrow(FellBehind);
    release();
  });
});

describe('latencies', () => {
  it('give exact quantiles of any number of values', () => {
    const latencies = new Latencies();
    for (let value = 10_000; value >= 1; value--) latencies.add(value);
    expect(latencies.summary()).toEqual({ operations: 10_000, p50: 5_000, p99: 9_900, max: 10_000 });
    expect(new Latencies().summary()).toEqual({ operations: 0, p50: 0, p99: 0, max: 0 });
  });
});
