import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { range } from '../contract-context.ts';
import type { ProjectionContext } from './projection-context.ts';

/** Several processes that run the same projection. */
export function replicaContract(test: () => ProjectionContext): void {
  describe('of several processes', () => {
    it('one runs a projection at a time, and another takes over when it stops', async () => {
      const { store, otherStore } = test().context;
      const first = await test().run({}, store);
      await first.waitFor(await test().append(5));
      const second = await test().run({}, otherStore);
      await second.waitFor(await test().append(5));
      expect(await second.status()).toMatchObject({ state: 'standby', handled: 0, generation: 1 });
      await first.stop();
      await second.waitFor(await test().append(5), { timeoutMs: 10_000 });
      expect(await test().numbers(otherStore)).toEqual(range(1, 15));
      await eventually(async () => (await second.status()).state === 'live');
    });
  });
}
