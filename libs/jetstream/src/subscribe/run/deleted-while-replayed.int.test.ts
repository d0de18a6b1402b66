import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { HandlerContext } from '@annals/core';
import { eventually } from '@annals/testing';
import { REDELIVERY_STREAM, redeliveryDurableName } from '../subscription-names.ts';
import type { ConsumerKeeper } from '../subscription-consumer.ts';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { type HandlingProcess, QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

/** As a replay does. */
async function replay({ parts }: HandlingProcess, stream: string): Promise<void> {
  const redelivery = { subscription: bench.subscription, stream, cause: 'replay', replayId: 'R1' } as const;
  await parts.redeliveries.enqueue([1, 2, 3].map((sequence) => ({ ...redelivery, sequence })));
}

describe('a subscription that is deleted while events are replayed to it', () => {
  it('leaves nothing to a later one of its name, and what waits for one of another store where it is', async () => {
    await bench.append(3);
    const process = await bench.process();
    const options = bench.options({ timing: QUICK });
    const first = await process.subscribe(options, () => undefined);
    await eventually(() => first.counts.handled === 3);
    await replay(process, 'OTHER');
    await process.remove(bench.subscription);
    await expect(first.finished).rejects.toMatchObject({ code: 'subscription-not-found' });
    const waiting = () => process.parts.redeliveries.waiting(bench.subscription);
    expect(await waiting()).toBe(3);
    await replay(process, 'EVENTS');
    const causes: HandlerContext['cause'][] = [];
    await process.subscribe(options, (_, { cause }) => void causes.push(cause));
    await eventually(async () => causes.length >= 3 && (await waiting()) === 3);
    expect(causes).toEqual(['subscription', 'subscription', 'subscription']);
  });

  it('has no consumer left, also by a process that hears of it late', async () => {
    const process = await bench.process();
    const keeper = Object.create(process.parts.keeper) as ConsumerKeeper;
    keeper.restore = () => new Promise(() => undefined);
    const active = await process.subscribe(bench.options({ timing: QUICK }), () => undefined, { keeper });
    const { api } = process.machinery;
    const durable = redeliveryDurableName(bench.subscription, 'EVENTS');
    await eventually(async () => (await api.info(REDELIVERY_STREAM, durable)) !== undefined);
    await process.remove(bench.subscription);
    await expect(active.finished).rejects.toMatchObject({ code: 'subscription-not-found' });
    expect(await api.info(REDELIVERY_STREAM, durable)).toBeUndefined();
  });
});
