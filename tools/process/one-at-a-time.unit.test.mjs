import { describe, expect, test } from '@jest/globals';
import { oneAtATime } from './one-at-a-time.mjs';

describe('work done one at a time', () => {
  test('is repeated once for all calls that came while it ran', async () => {
    /** @type {(() => void)[]} */
    const finish = [];
    const run = oneAtATime(() => new Promise((resolve) => finish.push(resolve)));
    const first = run();
    void run();
    const third = run();
    expect(finish).toHaveLength(1);
    finish[0]?.();
    await Promise.resolve();
    expect(finish).toHaveLength(2);
    finish[1]?.();
    await Promise.all([first, third]);
    expect(finish).toHaveLength(2);
  });

  test('can be done again later', async () => {
    let runs = 0;
    const run = oneAtATime(async () => void (runs += 1));
    await run();
    await run();
    expect(runs).toBe(2);
  });
});
