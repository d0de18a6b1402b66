import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;

describe('a shared subscription whose processes stopped again and again with events that they had fetched', () => {
  const options = () => bench.options({ timing: QUICK, backoffMs: [1], maxDeliver: 3, concurrency: 1 });

  async function giveBackOnce(): Promise<void> {
    const process = await bench.process();
    let goOn = (): void => {};
    const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
    const active = await process.subscribe(options(), () => mayGoOn);
    await eventually(() => active.counts.inHand > 1);
    const stopping = active.stop({ timeoutMs: 5_000 });
    goOn();
    await stopping;
  }

  async function attemptsUntil(succeedAt: number): Promise<number> {
    let attempts = 0;
    const process = await bench.process();
    const active = await process.subscribe(options(), (event) => {
      if (numberOf(event) === 9 && ++attempts < succeedAt) throw new Error('not yet');
    });
    await eventually(async () => {
      const { pending, ackPending } = await bench.state(process);
      return pending + ackPending === 0 && active.counts.inHand === 0;
    });
    expect(active.counts.deadLettered).toBe(succeedAt > 3 ? 1 : 0);
    await active.stop();
    return attempts;
  }

  it('has all of its attempts for an event that no handler has seen', async () => {
    await bench.append(9, 'a');
    for (let stop = 0; stop < 5; stop++) await giveBackOnce();
    expect(await attemptsUntil(3)).toBe(3);
  });

  it('has no more attempts than those', async () => {
    await bench.append(9, 'a');
    for (let stop = 0; stop < 5; stop++) await giveBackOnce();
    expect(await attemptsUntil(99)).toBe(3);
  });
});
