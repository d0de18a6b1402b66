import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { HandlerContext, RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { type HandlingProcess, QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;
const MODES = ['shared', 'ordered'] as const;
const quick = { timing: QUICK, backoffMs: [20] };

async function nothingWaits(process: HandlingProcess): Promise<void> {
  await eventually(async () => (await process.parts.redeliveries.waiting(bench.subscription)) === 0);
}

describe.each(MODES)('what is handed over again, in a %s subscription', (mode) => {
  const onDeadLetter = mode === 'ordered' ? ({ onDeadLetter: 'continue' } as const) : {};

  it('comes as a replay, with its id, beside what is new', async () => {
    await bench.append(10);
    const process = await bench.process();
    const seen: { n: number; cause: string; replayId: string | undefined; metadata: unknown }[] = [];
    const active = await process.subscribe(bench.options({ mode, ...quick }), (event, context) => {
      seen.push({ n: numberOf(event), cause: context.cause, replayId: context.replayId, metadata: event.metadata });
    });
    await eventually(() => seen.length === 10);
    const events = await bench.events();
    await process.parts.redeliveries.enqueue(
      events.slice(0, 3).map(({ position }) => ({
        subscription: bench.subscription,
        ...position,
        cause: 'replay' as const,
        replayId: 'R1',
      })),
    );
    await eventually(() => seen.length === 13);
    expect(seen.slice(10)).toEqual(
      [1, 2, 3].map((n) => ({ n, cause: 'replay', replayId: 'R1', metadata: { replay: true, replayId: 'R1' } })),
    );
    await nothingWaits(process);
    expect(active.counts).toMatchObject({ handled: 13, inHand: 0 });
  });

  it('is no letter any more once a redrive was handled, and one with a redrive more when that failed', async () => {
    await bench.append(3);
    const process = await bench.process();
    let isMended = false;
    const causes: string[] = [];
    const active = await process.subscribe(
      bench.options({ mode, maxDeliver: 2, ...onDeadLetter, ...quick }),
      (event, context) => {
        causes.push(`${numberOf(event)} ${context.cause} ${context.attempt}`);
        if (numberOf(event) === 2 && !isMended) throw new Error('broken');
      },
    );
    await eventually(() => active.counts.deadLettered === 1 && active.counts.handled === 2);
    await process.deadLetters.redrive({ subscription: bench.subscription });
    await eventually(() => active.counts.deadLettered === 2);
    await nothingWaits(process);
    expect(await bench.lettersOf(process)).toMatchObject([{ redrives: 1, attempts: 2, redriving: false }]);
    isMended = true;
    await process.deadLetters.redrive({ subscription: bench.subscription });
    await eventually(async () => (await bench.lettersOf(process)).length === 0);
    await nothingWaits(process);
    expect(causes.filter((cause) => cause.startsWith('2'))).toEqual([
      '2 subscription 1',
      '2 subscription 2',
      '2 redrive 1',
      '2 redrive 2',
      '2 redrive 1',
    ]);
  });

  it('waits for its time', async () => {
    await bench.append(1);
    const process = await bench.process();
    const seen: { atMs: number; attempt: number }[] = [];
    await process.subscribe(bench.options({ mode, ...quick }), (_, { attempt }: HandlerContext) => {
      seen.push({ atMs: Date.now(), attempt });
    });
    await eventually(() => seen.length === 1);
    const [event] = await bench.events();
    const notBeforeMs = Date.now() + 300;
    const redelivery = {
      subscription: bench.subscription,
      ...event!.position,
      cause: 'replay',
      replayId: 'R',
    } as const;
    await process.parts.redeliveries.enqueue([{ ...redelivery, notBeforeMs }]);
    await eventually(() => seen.length === 2);
    expect(seen[1]!.atMs).toBeGreaterThanOrEqual(notBeforeMs - 5);
    expect(seen[1]!.attempt).toBe(1);
    await nothingWaits(process);
  });
});

describe('a parked aggregate', () => {
  it('keeps its later events back until a redrive has handled them all in order, beside other aggregates', async () => {
    await bench.append(3, 'a');
    await bench.append(3, 'b', 10);
    const process = await bench.process();
    let isMended = false;
    const seen: number[] = [];
    const options = bench.options({ mode: 'ordered', maxDeliver: 2, ...quick });
    const active = await process.subscribe(options, (event) => {
      if (numberOf(event) === 2 && !isMended) throw new Error('broken');
      seen.push(numberOf(event));
    });
    await eventually(() => active.counts.deadLettered === 2 && active.counts.handled === 4);
    expect(await bench.lettersOf(process)).toMatchObject([
      { kind: 'attempts-exhausted', event: { data: { n: 2 } } },
      { kind: 'parked', event: { data: { n: 3 } } },
    ]);
    await bench.append(2, 'a', 3);
    await eventually(() => active.counts.deadLettered === 4);
    // Another process knows of it, too.
    await active.stop();
    const second = await bench.process();
    const other = await second.subscribe(options, (event) => {
      if (numberOf(event) === 2 && !isMended) throw new Error('broken');
      seen.push(numberOf(event));
    });
    await bench.append(1, 'a', 5);
    await eventually(() => other.counts.deadLettered === 1);
    // A redrive that fails changes nothing.
    await process.deadLetters.redrive({ subscription: bench.subscription });
    await eventually(() => other.counts.deadLettered === 2);
    await nothingWaits(process);
    expect((await bench.lettersOf(process)).map(({ event }) => numberOf(event!)).sort()).toEqual([2, 3, 4, 5, 6]);
    isMended = true;
    const letters = await bench.lettersOf(process);
    await process.deadLetters.redrive({ ids: [letters.find(({ event }) => numberOf(event!) === 4)!.id] });
    await bench.append(20, 'a', 6);
    await eventually(async () => (await bench.lettersOf(process)).length === 0);
    await bench.append(4, 'a', 26);
    await eventually(() => seen.includes(30));
    expect(seen.filter((n) => n <= 30 && !(n > 10 && n <= 13)).filter((n, i, all) => all.indexOf(n) === i)).toEqual(
      [1, ...Array.from({ length: 29 }, (_, i) => i + 2)].filter((n) => !(n > 10 && n <= 13)),
    );
    expect(await process.parts.parked.load(bench.subscription, 'EVENTS')).toEqual(new Set());
    await nothingWaits(process);
  });

  it('is handled in the order of its events when its redrive needs several attempts', async () => {
    await bench.append(4, 'a');
    const process = await bench.process();
    const failing = new Set([1, 3]);
    const seen: string[] = [];
    const options = bench.options({ mode: 'ordered', maxDeliver: 3, ...quick });
    const active = await process.subscribe(options, async (event, context) => {
      const n = numberOf(event);
      seen.push(`${n}:${context.cause}:${context.attempt}`);
      await pause(1);
      if (context.cause === 'subscription' && n === 1) context.deadLetter('not now');
      else if (failing.has(n) && context.attempt < 3) throw new Error('not yet');
    });
    await eventually(() => active.counts.deadLettered === 4);
    await process.deadLetters.redrive({ subscription: bench.subscription });
    await eventually(async () => (await bench.lettersOf(process)).length === 0);
    await nothingWaits(process);
    expect(seen).toEqual([
      '1:subscription:1',
      ...['1:redrive:1', '1:redrive:2', '1:redrive:3'],
      ...['2:redrive:1', '3:redrive:1', '3:redrive:2', '3:redrive:3', '4:redrive:1'],
    ]);
    expect((await process.parts.parked.load(bench.subscription, 'EVENTS')).size).toBe(0);
  });
});
