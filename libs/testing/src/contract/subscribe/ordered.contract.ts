import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { numbered, range } from '../contract-context.ts';
import { Gate } from './gate.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** The order that an ordered subscription keeps. */
export function orderedContract(context: SubscriptionContext): void {
  describe('an ordered subscription', () => {
    const aggregates = async (ids: readonly string[], each: number): Promise<{ tenantId: string }> => {
      const tenantId = context.unique('tenant');
      for (const n of range(1, each)) {
        for (const id of ids) await context.append({ tenantId, type: 'order', id }, numbered(1, n));
      }
      return { tenantId };
    };

    it('hands over the events of an aggregate one after the other, in order', async () => {
      const ids = ['a', 'b', 'c', 'd'];
      const tenant = await aggregates(ids, 25);
      const recorder = new Recorder(() => new Promise((resolve) => setImmediate(resolve)));
      await context.handleAll(context.options(tenant, { mode: 'ordered' }), recorder);
      for (const id of ids) expect(recorder.numbersOf(id)).toEqual(range(1, 25));
      expect(recorder.overlaps).toEqual([]);
      expect(recorder.mostRunning).toBeGreaterThan(1);
    });

    it('goes on with other aggregates while one waits', async () => {
      const tenant = await aggregates(['a', 'b', 'c'], 3);
      const gate = new Gate();
      const recorder = new Recorder((one) => (one.aggregateId === 'a' ? gate.opened : undefined));
      const options = context.options(tenant, { mode: 'ordered' });
      await context.subscribe(options, recorder);
      await eventually(() => recorder.done.length === 6);
      expect(recorder.numbersOf('a')).toEqual([1]);
      gate.open();
      await context.idle(options);
      for (const id of ['a', 'b', 'c']) expect(recorder.numbersOf(id)).toEqual([1, 2, 3]);
    });

    it('keeps the order while attempts fail', async () => {
      const ids = ['a', 'b', 'c'];
      const tenant = await aggregates(ids, 5);
      const recorder = new Recorder(async ({ position }, { attempt }) => {
        if (attempt <= position.sequence % 3) throw new Error('not now');
      });
      await context.handleAll(context.options(tenant, { mode: 'ordered', backoffMs: [0, 5] }), recorder);
      for (const id of ids) {
        const done = recorder.done.filter(({ event }) => event.aggregateId === id).map(({ n }) => n);
        expect(done).toEqual(range(1, 5));
        expect(recorder.numbersOf(id)).toEqual([...recorder.numbersOf(id)].sort((x, y) => x - y));
      }
      expect(recorder.overlaps).toEqual([]);
    });

    it('keeps later events of an aggregate back while one waits for its next attempt', async () => {
      const tenant = await aggregates(['a'], 3);
      const recorder = new Recorder(() => Promise.reject(new Error('not now')));
      const options = context.options(tenant, { mode: 'ordered', backoffMs: [3_600_000] });
      const active = await context.subscribe(options, recorder);
      await eventually(() => active.counts.retried === 1);
      await context.othersHandled(tenant);
      expect(recorder.numbers).toEqual([1]);
    });

    it('handles events without aggregate side by side', async () => {
      const tenantId = context.unique('tenant');
      for (const n of range(1, 6)) await context.store.appendAll([{ tenantId, events: numbered(1, n) }]);
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options({ tenantId }, { mode: 'ordered' });
      await context.subscribe(options, recorder);
      await eventually(() => recorder.running === 6);
      gate.open();
      await context.idle(options);
    });

    it('keeps apart aggregates whose names look alike', async () => {
      const tenantId = context.unique('tenant');
      const refs = [
        ['a.b', 'c'],
        ['a', 'b.c'],
        ['a', 'b","c'],
        ['A', 'b.c'],
      ].map(([type, id]) => ({ tenantId, type: type!, id: id! }));
      for (const ref of refs) await context.append(ref, numbered(2));
      const gate = new Gate();
      const recorder = new Recorder(() => gate.opened);
      const options = context.options({ tenantId }, { mode: 'ordered' });
      await context.subscribe(options, recorder);
      await eventually(() => recorder.running === refs.length);
      gate.open();
      await context.idle(options);
      expect(recorder.deliveries).toHaveLength(8);
    });
  });
}
