import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventHandler, type RecordedEvent, StoreUnavailable, deadLetterId } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import type { LetterBox } from '../../dead-letter/letter-box.ts';
import { lastAttemptKey } from '../subscription-names.ts';
import { QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);
const sorted = (numbers: Iterable<number>) => [...numbers].sort((a, b) => a - b);

describe('a shared subscription', () => {
  it('hands over every event once and settles it', async () => {
    await bench.append(2_500);
    const process = await bench.process();
    const seen: number[] = [];
    const active = await process.subscribe(bench.options(), (event) => void seen.push(numberOf(event)));
    await bench.append(500, 'o2', 2_500);
    await eventually(() => seen.length === 3_000);
    expect(active.state).toBe('active');
    await active.stop();
    expect(active.counts).toEqual({ handled: 3_000, retried: 0, deadLettered: 0, inHand: 0 });
    expect(active.state).toBe('stopped');
    await active.finished;
    const state = await process.parts.keeper.state(process.consumer(bench.subscription));
    expect(state).toMatchObject({ ackPending: 0, pending: 0 });
    expect(sorted(seen)).toEqual(range(3_000));
  });

  it('tries a failed event again after the backoff, and keeps it as a dead letter after the last attempt', async () => {
    await bench.append(20);
    const process = await bench.process();
    const attempts: { attempt: number; atMs: number }[] = [];
    const active = await process.subscribe(bench.options({ maxDeliver: 3, backoffMs: [50, 200] }), (event, context) => {
      if (numberOf(event) !== 7) return;
      attempts.push({ attempt: context.attempt, atMs: performance.now() });
      throw new Error('number 7 cannot be');
    });
    await eventually(() => active.counts.deadLettered === 1 && active.counts.handled === 19);
    expect(attempts.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(attempts[1]!.atMs - attempts[0]!.atMs).toBeGreaterThan(40);
    expect(attempts[2]!.atMs - attempts[1]!.atMs).toBeGreaterThan(190);
    expect(active.counts).toEqual({ handled: 19, retried: 2, deadLettered: 1, inHand: 0 });
    const letters = await bench.lettersOf(process);
    expect(letters).toMatchObject([
      { kind: 'attempts-exhausted', reason: 'number 7 cannot be', attempts: 3, event: { data: { n: 7 } } },
    ]);
    expect(letters[0]!.id).toBe(deadLetterId({ subscription: bench.subscription, ...letters[0]!.event!.position }));
    await eventually(async () => (await bench.state(process)).ackPending === 0);
  });

  it('keeps what is no event as a dead letter, and goes on', async () => {
    await bench.append(1);
    await bench.publishForeign(`evt.${bench.tenantId}.order.o9.1.order.changed`, 'no event');
    const process = await bench.process();
    const seen: number[] = [];
    await process.subscribe(bench.options(), (event) => void seen.push(numberOf(event)));
    await bench.append(1, 'o2', 1);
    await eventually(() => seen.length === 2);
    await eventually(async () => (await bench.lettersOf(process)).length === 1);
    expect(await bench.lettersOf(process)).toMatchObject([{ kind: 'unreadable' }]);
    await eventually(async () => (await bench.state(process)).ackPending === 0);
  });

  it('keeps what it has in hand from being delivered again, however long a handler takes', async () => {
    await bench.append(6);
    const process = await bench.process();
    const attempts: number[] = [];
    const active = await process.subscribe(bench.options({ concurrency: 1, timing: QUICK }), async (_, context) => {
      attempts.push(context.attempt);
      await pause(2 * QUICK.ackWaitMs);
    });
    await eventually(() => active.counts.handled === 2);
    expect((await bench.state(process)).redelivered).toBe(0);
    expect(attempts).toEqual([1, 1, 1]);
  });

  it('shares the events between the processes that handle them', async () => {
    const seen = new Map<string, number[]>([
      ['one', []],
      ['other', []],
    ]);
    for (const [, numbers] of seen) {
      const process = await bench.process();
      await process.subscribe(bench.options({ concurrency: 2 }), async (event) => {
        await pause(2);
        numbers.push(numberOf(event));
      });
    }
    await bench.append(400);
    await eventually(() => seen.get('one')!.length + seen.get('other')!.length === 400);
    expect(sorted([...seen.values()].flat())).toEqual(range(400));
    for (const numbers of seen.values()) expect(numbers.length).toBeGreaterThan(100);
  });

  it('takes little into hand while its handler is slow, and gives it back when it stops', async () => {
    await bench.append(3_000);
    const process = await bench.process();
    let ended = 0;
    const active = await process.subscribe(bench.options({ concurrency: 4 }), async () => {
      await pause(50);
      ended++;
    });
    await eventually(() => ended >= 8);
    expect(active.counts.inHand).toBeLessThanOrEqual(3 * 4);
    await active.stop();
    expect(active.counts.handled).toBe(ended);
    expect(active.counts.inHand).toBe(0);
    const other = await bench.process();
    const seen: number[] = [];
    await other.subscribe(bench.options(), (event) => void seen.push(numberOf(event)));
    await eventually(() => seen.length >= 3_000 - ended);
    expect(seen).toHaveLength(3_000 - ended);
  });

  it('hands over again what a stop did not wait for, with its signal aborted', async () => {
    await bench.append(1);
    const process = await bench.process();
    let reason: unknown;
    const active = await process.subscribe(bench.options(), (_, context) => {
      return new Promise(() => context.signal.addEventListener('abort', () => (reason = context.signal.reason)));
    });
    await eventually(() => active.counts.inHand === 1);
    await Promise.all([active.stop({ timeoutMs: 20 }), active.stop()]);
    expect(String(reason)).toContain('was stopped');
    const attempts: number[] = [];
    await process.subscribe(bench.options(), (_, context) => void attempts.push(context.attempt));
    await eventually(() => attempts.length === 1);
    expect(attempts).toEqual([2]);
  });

  it('gives an event whose deliveries ran out one attempt alone, and blames it only when that never ended', async () => {
    await bench.append(4);
    const process = await bench.process();
    const before = await process.subscribe(
      bench.options({ maxDeliver: 2, timing: QUICK }),
      () => new Promise(() => {}),
    );
    await eventually(() => before.counts.inHand === 4);
    await before.stop({ timeoutMs: 0 });
    const again = await process.subscribe(bench.options({ maxDeliver: 2, timing: QUICK }), () => new Promise(() => {}));
    await eventually(() => again.counts.inHand === 4);
    await again.stop({ timeoutMs: 0 });
    // As if a process had ended in the last attempt of the second event.
    const [, second] = await bench.events();
    const key = lastAttemptKey('EVENTS', bench.subscription, second!.position.sequence);
    await process.parts.bucket.put(key, 'begun', 0);
    const seen: number[] = [];
    let running = 0;
    const last = await process.subscribe(bench.options({ maxDeliver: 2, timing: QUICK }), async (event) => {
      expect(++running).toBe(1);
      await pause(5);
      running--;
      seen.push(numberOf(event));
    });
    await eventually(() => last.counts.handled === 3 && last.counts.deadLettered === 1);
    expect(sorted(seen)).toEqual([1, 3, 4]);
    expect(await bench.lettersOf(process)).toMatchObject([
      { kind: 'process-ended', attempts: 2, event: { data: { n: 2 } } },
    ]);
    expect(await process.parts.bucket.keys('last-attempt.>')).toEqual([]);
  });

  it('keeps little in memory when a handler that was quick becomes slow, however large the events are', async () => {
    const BYTES = 20_000;
    await bench.append(1_500, 'o1', 0, { text: 'x'.repeat(BYTES) });
    const process = await bench.process();
    let handled = 0;
    let isSlow = false;
    let go = (): void => {};
    const waiting = new Promise<void>((resolve) => (go = resolve));
    const active = await process.subscribe(bench.options({ concurrency: 4 }), () => {
      if (++handled === 500) isSlow = true;
      return isSlow ? waiting : undefined;
    });
    await eventually(() => isSlow);
    let most = 0;
    // Until the server has sent what it was asked for, and that has come.
    await eventually(async () => {
      const { ackPending, waiting } = await bench.state(process);
      const before = most;
      most = active.counts.inHand;
      return waiting <= 1 && ackPending === most && most === before;
    });
    expect(most * BYTES).toBeLessThan(10 * 1024 * 1024);
    go();
    await eventually(() => active.counts.handled === 1_500);
  });

  it('settles no event whose dead letter cannot be kept, and tries again', async () => {
    await bench.append(3);
    const process = await bench.process();
    let refusals = 0;
    const letterBox: LetterBox = {
      ...boundMethods(process.parts.letterBox),
      post: (letter) => {
        if (++refusals <= 3) return Promise.reject(new StoreUnavailable('no'));
        return process.parts.letterBox.post(letter);
      },
    };
    const reject: EventHandler = (_, context) => context.deadLetter('no');
    const active = await process.subscribe(bench.options({ timing: QUICK, concurrency: 1 }), reject, { letterBox });
    await eventually(() => refusals === 2);
    expect((await bench.state(process)).ackFloor).toBeLessThan((await bench.events())[0]!.position.sequence);
    await eventually(() => active.counts.deadLettered === 3);
    expect(await bench.lettersOf(process)).toHaveLength(3);
    await eventually(async () => (await bench.state(process)).ackPending === 0);
  });
});

function boundMethods(box: LetterBox): LetterBox {
  return {
    post: (letter) => box.post(letter),
    read: (key) => box.read(key),
    settle: (key) => box.settle(key),
    ofAggregate: (...about) => box.ofAggregate(...about),
  };
}
