import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { event, range } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** How much is done at the same time. */
export function concurrencyContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('handlers in mode %s', (mode) => {
    /** Events of aggregates of their own. */
    async function scattered(count: number): Promise<{ tenantId: string }> {
      const tenantId = context.unique('tenant');
      const parts = range(1, count).map((n) => ({
        aggregate: { tenantId, type: 'order', id: String(n) },
        events: [event('order.placed', { n })],
      }));
      for (let i = 0; i < count; i += 1_000) await context.store.appendAll(parts.slice(i, i + 1_000));
      return { tenantId };
    }

    it('run side by side, as many as they may', async () => {
      const tenant = await scattered(20);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(tenant, { mode, concurrency: 4 });
      await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 4);
      gate.open();
      await context.idle(options);
      expect(recorder.mostRunning).toBe(4);
      expect(recorder.sorted).toEqual(range(1, 20));
    });

    it('run one after the other where one may run', async () => {
      const tenant = await scattered(20);
      const recorder = new Recorder(async () => {});
      await context.handleAll(context.options(tenant, { mode, concurrency: 1 }), recorder);
      expect(recorder.mostRunning).toBe(1);
      expect(recorder.numbers).toEqual(range(1, 20));
    });

    it('that are slow make the subscription wait: little is in hand', async () => {
      const tenant = await scattered(3_000);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options(tenant, { mode, concurrency: 2 });
      const active = await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 2);
      const { pending, ackPending } = await context.operator.get(options.name);
      expect(pending + ackPending).toBe(3_000);
      expect(active.counts.inHand).toBeGreaterThanOrEqual(2);
      expect(active.counts.inHand).toBeLessThanOrEqual(1_024);
      expect(ackPending).toBeLessThanOrEqual(2_048);
      gate.open();
      await context.idle(options);
      expect(recorder.sorted).toEqual(range(1, 3_000));
      expect(recorder.mostRunning).toBe(2);
    });
  });
}
