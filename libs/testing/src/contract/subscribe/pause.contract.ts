import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { numbered } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** Holding a subscription up. */
export function pauseContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('a paused subscription in mode %s', (mode) => {
    it('hands over nothing until it is resumed', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder();
      const options = context.options(order, { mode });
      await context.subscribe(options, recorder);
      await context.idle(options);
      expect((await context.operator.pause(options.name)).state).toBe('paused');
      expect((await context.operator.pause(options.name)).state).toBe('paused');
      await context.append(order, numbered(2, 2));
      await context.othersHandled(order);
      expect(recorder.numbers).toEqual([1]);
      const status = await context.operator.get(options.name);
      expect(status.state).toBe('paused');
      expect(status.pending + status.ackPending).toBe(2);
      expect((await context.operator.resume(options.name)).state).not.toBe('paused');
      expect((await context.operator.resume(options.name)).state).not.toBe('paused');
      await context.idle(options);
      expect(recorder.numbers).toEqual([1, 2, 3]);
    });

    it('stays so for whoever subscribes', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const options = context.options(order, { mode });
      await context.operator.create(options);
      await context.operator.pause(options.name);
      const recorder = new Recorder();
      await context.subscribe(options, recorder);
      await context.othersHandled(order);
      expect(recorder.numbers).toEqual([]);
      expect((await context.operator.get(options.name)).state).toBe('paused');
      await context.operator.resume(options.name);
      await context.idle(options);
      expect(recorder.sorted).toEqual([1, 2]);
    });

    it('finishes what is in hand', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(order, { mode });
      const active = await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 1);
      await context.operator.pause(options.name);
      gate.open();
      await eventually(() => active.counts.handled === 1);
      await eventually(async () => (await context.operator.get(options.name)).ackPending === 0);
    });

    it('stops while it is paused', async () => {
      const order = context.aggregate();
      const options = context.options(order, { mode });
      const active = await context.subscribe(options, new Recorder());
      await context.operator.pause(options.name);
      await active.stop();
      expect(active.state).toBe('stopped');
    });
  });
}
