import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import type { ConsumerKeeper } from '../subscription-consumer.ts';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();
const STUCK_MS = 300;

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const options = (mode: 'shared' | 'ordered') => bench.options({ mode, timing: QUICK });
const keyOf = (event: RecordedEvent) => `${event.aggregateId}${(event.data as { n: number }).n}`;

describe('a subscription that has nothing to do', () => {
  it.each(
    (['shared', 'ordered'] as const).flatMap((mode) =>
      (['pause', 'update', 'reset', 'resume'] as const).map((method) => ({ mode, method })),
    ),
  )('goes on where a process wanted it that died before: $mode, $method', async ({ mode, method }) => {
    await bench.append(3, 'a');
    const [process, dying] = [await bench.process(STUCK_MS), await bench.process()];
    const seen: string[] = [];
    await process.subscribe(options(mode), (event) => void seen.push(keyOf(event)));
    await eventually(async () => seen.length === 3 && (await bench.state(process)).ackFloor > 0);
    const { api, keeper } = dying.machinery;
    Object.assign(api, { [method]: () => Promise.reject(new Error('killed')) });
    const rewinding = { EVENTS: 1 };
    await expect(keeper.change(bench.subscription, (record) => ({ ...record, rewinding }))).rejects.toThrow('killed');
    await eventually(() => seen.length >= 6);
    expect(seen.slice(3).sort()).toEqual(['a1', 'a2', 'a3']);
  });
});

describe('a replica that becomes the active one', () => {
  it('hands over all that a rewind brings which comes at this moment', async () => {
    await bench.append(3, 'a');
    await bench.append(3, 'b');
    const [first, second] = [await bench.process(), await bench.process()];
    const before: string[] = [];
    const active = await first.subscribe(options('ordered'), (event) => {
      // The others are settled behind it, which the next replica is told.
      if (keyOf(event) === 'a1') return new Promise<void>(() => undefined);
      before.push(keyOf(event));
    });
    await eventually(() => before.length === 3);
    await active.stop({ timeoutMs: 10 });
    const keeper = Object.create(second.parts.keeper) as ConsumerKeeper;
    let isRewound = false;
    keeper.resetToAckFloor = async (consumer) => {
      if (!isRewound) {
        isRewound = true;
        await bench.store.subscriptions.rewind(bench.subscription, 'beginning');
      }
      return second.parts.keeper.resetToAckFloor(consumer);
    };
    const seen: string[] = [];
    await second.subscribe(options('ordered'), (event) => void seen.push(keyOf(event)), { keeper });
    await eventually(() => seen.includes('a3'));
    await eventually(async () => (await bench.store.subscriptions.get(bench.subscription)).state === 'live');
    expect([...new Set(seen)].sort()).toEqual(['a1', 'a2', 'a3', 'b1', 'b2', 'b3']);
  });
});
