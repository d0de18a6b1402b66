import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { numbered, range } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

const HOUR_MS = 3_600_000;

/** How a process leaves a subscription. */
export function stopContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('stopping in mode %s', (mode) => {
    it('waits for the handlers that run, begins no other, and gives the rest back', async () => {
      const order = context.aggregate();
      await context.fill(order, 5);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(order, { mode, concurrency: 1 });
      const active = await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 1);
      let stopped = false;
      const stopping = active.stop().then(() => (stopped = true));
      await context.othersHandled(order);
      expect(stopped).toBe(false);
      gate.open();
      await stopping;
      await active.finished;
      expect(active.state).toBe('stopped');
      expect(recorder.numbers).toEqual([1]);
      expect(active.counts).toMatchObject({ handled: 1, inHand: 0 });
      await context.append(order, numbered(1, 6));

      const next = new Recorder();
      await context.handleAll(options, next);
      expect(next.sorted).toEqual(range(2, 6));
      expect(recorder.numbers).toEqual([1]);
    });

    it('abandons handlers that take longer than it waits; their events are handed over again', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const gate = new Gate();
      let aborted: AbortSignal | undefined;
      const recorder = new Recorder(async (_, { signal }) => {
        aborted = signal;
        await gate.opened;
      });
      const options = context.options(order, { mode, concurrency: 1 });
      const active = await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 1);
      await active.stop({ timeoutMs: 50 });
      expect(aborted!.aborted).toBe(true);
      expect(active.counts.handled).toBe(0);

      const next = new Recorder();
      await context.subscribe(options, next);
      await context.idle(options);
      expect(next.sorted).toEqual([1, 2]);
      if (mode === 'ordered') expect(next.numbers).toEqual([1, 2]);
      gate.open();
      await eventually(() => recorder.running === 0);
      expect(active.counts.handled).toBe(0);
    });

    it('does not wait for attempts that are to be repeated later', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const recorder = new Recorder(() => Promise.reject(new Error('not now')));
      const options = context.options(order, { mode, concurrency: 1, backoffMs: [HOUR_MS] });
      const active = await context.subscribe(options, recorder);
      await eventually(() => active.counts.retried > 0);
      await active.stop({ timeoutMs: HOUR_MS });
      expect(active.state).toBe('stopped');
      expect((await context.operator.get(options.name)).state).not.toBe('live');
    });

    it('is harmless twice, at the same time too', async () => {
      const order = context.aggregate();
      const active = await context.subscribe(context.options(order, { mode }), new Recorder());
      await Promise.all([active.stop(), active.stop()]);
      await active.stop();
      await active.finished;
      expect(active.state).toBe('stopped');
    });

    it('by closing the store finishes what is in hand', async () => {
      const order = context.aggregate();
      const store = await context.openStore();
      await store.append(order, numbered(3));
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(order, { mode, concurrency: 1 });
      const active = await context.subscribe(options, recorder, store);
      await eventually(() => recorder.running === 1);
      const closing = store.close();
      gate.open();
      await closing;
      await active.finished;
      expect(active.state).toBe('stopped');
      expect(recorder.running).toBe(0);
      expect(recorder.done.length).toBeGreaterThan(0);
      if (!context.factory.sharesData) return;
      const next = new Recorder();
      await context.handleAll(options, next);
      expect([...recorder.sorted, ...next.sorted]).toEqual([1, 2, 3]);
    });
  });

  it('subscriptions of a store that is closed are refused', async () => {
    const store = await context.openStore();
    const { subscriptions, deadLetters } = store;
    const options = context.options(context.aggregate());
    await store.close();
    const calls: (() => Promise<unknown>)[] = [
      () => subscriptions.subscribe(options, () => {}),
      () => subscriptions.create(options),
      () => subscriptions.list(),
      () => subscriptions.get(options.name),
      () => subscriptions.pause(options.name),
      () => subscriptions.resume(options.name),
      () => subscriptions.previewRewind(options.name, 'now'),
      () => subscriptions.rewind(options.name, 'now'),
      () => subscriptions.delete(options.name),
      () => deadLetters.list(),
      () => deadLetters.get(`${options.name}/EVENTS/1`),
      () => deadLetters.count(),
      () => deadLetters.redrive({ subscription: options.name }),
      () => deadLetters.purge({ subscription: options.name }),
    ];
    for (const call of calls) {
      await expect((async () => call())()).rejects.toMatchObject({ code: 'store-closed' });
    }
  });
}
