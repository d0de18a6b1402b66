import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { event, range } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

const HOUR_MS = 3_600_000;

/** Attempts that fail, and what comes after them. */
export function failureContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('an attempt in mode %s', (mode) => {
    it.each([
      [
        'throws',
        () => {
          throw new Error('not now');
        },
      ],
      ['rejects', () => Promise.reject(new Error('not now'))],
      [
        'throws what is no error',
        () => {
          throw undefined;
        },
      ],
    ])('that %s is repeated until one succeeds', async (_, fail) => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder((_event, { attempt }) => (attempt < 3 ? fail() : undefined));
      const options = context.options(order, { mode });
      const active = await context.subscribe(options, recorder);
      const { deadLetters, redelivered } = await context.idle(options);
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      expect({ deadLetters, redelivered }).toEqual({ deadLetters: 0, redelivered: 0 });
      await eventually(() => active.counts.inHand === 0);
      expect(active.counts).toEqual({ handled: 1, retried: 2, deadLettered: 0, inHand: 0 });
    });

    it('is repeated after the time that the backoff says', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder(() => Promise.reject(new Error('not now')));
      await context.handleAll(context.options(order, { mode, backoffMs: [200, 50], maxDeliver: 4 }), recorder);
      const times = recorder.deliveries.map(({ atMs }) => atMs);
      const waited = times.slice(1).map((time, i) => time - times[i]!);
      expect(waited).toHaveLength(3);
      // Clocks of the server and of this process differ by a little.
      [200, 50, 50].forEach((ms, i) => expect(waited[i]).toBeGreaterThanOrEqual(ms - 10));
    });

    it('is repeated when the handler asks for it, without an error and after the time that it says', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder((_event, told) => {
        if (told.attempt < 3) told.retry({ delayMs: 0, reason: 'too early' });
      });
      await context.handleAll(context.options(order, { mode, backoffMs: [HOUR_MS] }), recorder);
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    });

    it('that was the last one makes a dead letter', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder(() => Promise.reject(new Error('never')));
      const options = context.options(order, { mode, maxDeliver: 3 });
      const active = await context.subscribe(options, recorder);
      expect(await context.idle(options)).toMatchObject({ deadLetters: 1, ackPending: 0, pending: 0 });
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      await eventually(() => active.counts.inHand === 0);
      expect(active.counts).toEqual({ handled: 0, retried: 2, deadLettered: 1, inHand: 0 });
    });

    it('that was the last one makes a dead letter also when the handler asks for another one', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder((_, told) => told.retry({ delayMs: 0 }));
      const status = await context.handleAll(context.options(order, { mode, maxDeliver: 2 }), recorder);
      expect(status.deadLetters).toBe(1);
      expect(recorder.deliveries).toHaveLength(2);
    });

    it('makes a dead letter at once when the handler says so', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder((_, told) => told.deadLetter('no such product'));
      const status = await context.handleAll(context.options(order, { mode }), recorder);
      expect(status.deadLetters).toBe(1);
      expect(recorder.deliveries).toHaveLength(1);
    });

    it('that takes too long is told so, counts as failed, and what it does later does not count', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const gate = new Gate();
      const reasons: unknown[] = [];
      const recorder = new Recorder(async (_, { attempt, signal }) => {
        if (attempt > 1) return;
        signal.addEventListener('abort', () => reasons.push(signal.reason));
        await gate.opened;
      });
      const options = context.options(order, { mode, handlerTimeoutMs: 100 });
      const active = await context.subscribe(options, recorder);
      await context.idle(options);
      expect(reasons).toMatchObject([{ code: 'handler-timed-out', timeoutMs: 100 }]);
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2]);
      gate.open();
      await eventually(() => recorder.running === 0);
      expect(active.counts).toMatchObject({ handled: 1, retried: 1, deadLettered: 0 });
    });

    it('takes as long as it likes while it extends its time', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder(async (_, told) => {
        const begun = performance.now();
        while (performance.now() - begun < 900) {
          told.extend();
          await delay(30);
        }
      });
      await context.handleAll(context.options(order, { mode, handlerTimeoutMs: 600 }), recorder);
      expect(recorder.done).toHaveLength(1);
      expect(recorder.deliveries).toHaveLength(1);
    });

    it('holds up no other aggregate while it fails', async () => {
      const { tenantId } = context.aggregate();
      for (const n of range(1, 20)) {
        await context.append({ tenantId, type: 'order', id: String(n) }, event('order.placed', { n }));
      }
      const recorder = new Recorder((one) => {
        if (one.aggregateId === '1') throw new Error('never');
      });
      const options = context.options({ tenantId }, { mode, backoffMs: [HOUR_MS] });
      const active = await context.subscribe(options, recorder);
      await eventually(() => recorder.done.length === 19);
      expect(recorder.done.map(({ n }) => n).sort((a, b) => a - b)).toEqual(range(2, 20));
      expect(active.counts).toMatchObject({ handled: 19, retried: 1 });
      await eventually(async () => (await context.operator.get(options.name)).ackPending === 1);
    });
  });
}
