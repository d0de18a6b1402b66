import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { scripted } from './order-process.ts';
import { type ProcessContext, seenBy } from './process-context.ts';

/** How several replicas run the same process. */
export function replicaContract(context: ProcessContext): void {
  describe('replicas', () => {
    it('lets one be active; another takes over when it stops, and nothing is done twice', async () => {
      const calls: unknown[] = [];
      const process = scripted(context.name, {
        'order.placed': (_, __, key) => ({
          emit: { aggregate: { type: 'bill', id: key }, events: { type: 'bill.opened', data: key } },
          commands: { name: 'do', data: key },
          schedule: { name: 'late', afterMs: 50 },
        }),
        'timeout late': (_, __, key) => ({
          emit: { aggregate: { type: 'bill', id: key }, events: { type: 'bill.late', data: key } },
          end: 'late',
        }),
      });
      const options = { commands: { do: (key: unknown) => void calls.push(key) } };
      const replicas = [await context.run(process, options), await context.run(process, options, context.otherStore)];
      await eventually(() => replicas.some(({ isActive }) => isActive));
      const keys = Array.from({ length: 10 }, (_, i) => `k${i}`);
      for (const [i, key] of keys.entries()) {
        await context.happen('order.placed', { key, n: 1 });
        if (i === 4) await replicas.find(({ isActive }) => isActive)!.stop();
      }
      for (const key of keys) {
        const over = await context.when(key, ({ endedAt, pendingEffects }) => endedAt !== undefined && !pendingEffects);
        expect(seenBy(over)).toEqual([1, 'late']);
      }
      const told = async (type: string) => (await context.events(type)).map(({ data }) => data).sort();
      expect(await told('bill.opened')).toEqual(keys);
      expect(await told('bill.late')).toEqual(keys);
      expect([...calls].sort()).toEqual(keys);
    });
  });
}
