import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../wait/eventually.ts';
import { range } from '../contract-context.ts';
import type { ProjectionContext } from './projection-context.ts';

/** What operators see and do. */
export function operatingContract(test: () => ProjectionContext): void {
  const projections = () => test().context.otherStore.projections;

  describe('an operator', () => {
    it('finds no projection that nobody has run', async () => {
      const notFound = { code: 'projection-not-found', projection: test().name };
      await expect(projections().get(test().name)).rejects.toMatchObject(notFound);
      await expect(projections().pause(test().name)).rejects.toMatchObject(notFound);
      await expect(projections().resume(test().name)).rejects.toMatchObject(notFound);
      await expect(projections().rebuild(test().name)).rejects.toMatchObject(notFound);
      await expect(projections().forget(test().name)).rejects.toMatchObject(notFound);
      expect((await projections().list()).map(({ name }) => name)).not.toContain(test().name);
    });

    it('sees from any process how far a projection is', async () => {
      const running = await test().run();
      const last = await test().append(5);
      await running.waitFor(last);
      const status = await test().untilStatus(
        ({ state, lagEvents, handled }) => state === 'live' && lagEvents === 0 && handled === 5,
        test().context.otherStore,
      );
      expect(status).toMatchObject({ name: test().name, version: 1, generation: 1, lagMs: 0 });
      expect(status.checkpoint.find(({ stream }) => stream === last.stream)!.sequence).toBeGreaterThanOrEqual(
        last.sequence,
      );
      expect(status.head.find(({ stream }) => stream === last.stream)!.sequence).toBeGreaterThanOrEqual(last.sequence);
      expect((await projections().list()).map(({ name }) => name)).toContain(test().name);
    });

    it('sees that nobody runs a projection any more, and how far behind it is', async () => {
      const running = await test().run();
      await running.waitFor(await test().append(2));
      await running.stop();
      await test().append(3);
      expect(await projections().get(test().name)).toMatchObject({ state: 'standby', lagEvents: 3 });
    });

    it('pauses a projection, also over a restart, and resumes it', async () => {
      const running = await test().run();
      await running.waitFor(await test().append(2));
      await test().untilStatus(({ handled }) => handled === 2, test().context.otherStore);
      expect(await projections().pause(test().name)).toMatchObject({ state: 'paused' });
      const last = await test().append(3);
      await expect(running.waitFor(last, { timeoutMs: 300 })).rejects.toMatchObject({ code: 'projection-behind' });
      expect(await running.status()).toMatchObject({ state: 'paused', lagEvents: 3 });
      await running.stop();
      expect(await projections().get(test().name)).toMatchObject({ state: 'paused' });
      const next = await test().run();
      await test().untilStatus(({ state }) => state === 'paused');
      expect(await test().numbers()).toEqual([1, 2]);
      expect((await projections().resume(test().name)).state).not.toBe('paused');
      await next.waitFor(last, { timeoutMs: 10_000 });
      expect(await test().numbers()).toEqual(range(1, 5));
    });

    it('forgets a projection that nobody runs, and none that somebody does', async () => {
      const running = await test().run();
      await running.waitFor(await test().append(1));
      await expect(projections().forget(test().name)).rejects.toMatchObject({ code: 'validation-failed' });
      await running.stop();
      await projections().forget(test().name);
      await expect(projections().get(test().name)).rejects.toMatchObject({ code: 'projection-not-found' });
    });

    it('closes a store whose projections then stop', async () => {
      if (!test().context.factory.sharesData) return;
      const store = await test().context.factory.open();
      const running = await test().run({}, store);
      await running.waitFor(await test().append(3), { timeoutMs: 10_000 });
      await store.close();
      await eventually(async () => (await projections().get(test().name)).state === 'standby');
      await expect(store.projections.run(test().projection(), store.projections.documents)).rejects.toMatchObject({
        code: 'store-closed',
      });
      expect(await test().numbers()).toEqual([1, 2, 3]);
    });
  });
}
