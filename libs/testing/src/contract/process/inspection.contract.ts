import { describe, expect, it } from '@jest/globals';
import { defineProcess } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { scripted } from './order-process.ts';
import { type ProcessContext, seenBy } from './process-context.ts';

/** What operators see of processes, and do with them. */
export function inspectionContract(context: ProcessContext): void {
  describe('operators', () => {
    it('see which processes there are, whether they run and how far they came', async () => {
      const { processes } = context.otherStore;
      await expect(processes.get(context.name)).rejects.toMatchObject({ code: 'process-not-found' });
      const running = await context.run(scripted(context.name, {}, { version: 3 }));
      await context.happen('order.placed', { key: 'a', n: 1 });
      await eventually(async () => {
        const status = await processes.get(context.name);
        return status.state === 'running' && status.lagEvents === 0 && status.activeInstances === 1;
      });
      expect(await running.status()).toMatchObject({
        name: context.name,
        version: 3,
        eventTypes: ['order.placed', 'order.changed', 'stock.>'],
      });
      expect((await processes.list()).map(({ name }) => name)).toContain(context.name);
      await running.stop();
      await context.happen('order.placed', { key: 'b', n: 1 });
      expect(await processes.get(context.name)).toMatchObject({ state: 'standby', lagEvents: 1 });
    });

    it('see that a process cannot go on, and why', async () => {
      await context.run(
        scripted(
          context.name,
          {},
          {
            correlate: () => {
              throw new TypeError('what is this');
            },
          },
        ),
      );
      await context.happen('order.placed', { key: 'a' });
      await eventually(async () => (await context.store.processes.get(context.name)).state === 'failing');
      expect(await context.store.processes.get(context.name)).toMatchObject({
        error: { name: 'TypeError', message: 'what is this' },
        lagEvents: 1,
      });
    });

    it('list instances by state and tenant in pages, and see one with its history', async () => {
      const { processes } = context.otherStore;
      await context.run(scripted(context.name, { 'order.changed': () => ({ end: 'changed' }) }));
      const keys = ['a', 'b', 'c', 'd.e', 'ö/%'];
      for (const key of keys) await context.happen('order.placed', { key, n: 1 });
      await context.happen('order.changed', { key: 'b', n: 2 });
      for (const key of keys) await context.when(key, () => true);
      await context.when('b', ({ state }) => state === 'ended');
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await processes.instances(context.name, { tenantId: context.tenantId }, { limit: 2, cursor });
        listed.push(...page.instances.map(({ key }) => key));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect([...listed].sort()).toEqual(keys);
      const ended = await processes.instances(context.name, { state: 'ended' });
      expect(ended.instances).toMatchObject([{ key: 'b', reason: 'changed' }]);
      expect(await processes.instances(context.name, { tenantId: 'nobody' })).toEqual({ instances: [] });
      const one = await processes.instance(context.name, 'b', { tenantId: context.tenantId });
      expect(one.history).toMatchObject([
        { step: 1, input: 'event order.placed' },
        { step: 2, input: 'event order.changed', ended: 'changed' },
      ]);
      expect(one.lastEvent).toMatchObject({ type: 'order.changed' });
      await expect(processes.instance(context.name, 'b')).rejects.toMatchObject({ code: 'process-instance-not-found' });
    });

    it('end an instance: its timers do not fire and events do not reach it', async () => {
      const { processes } = context.otherStore;
      const { tenantId } = context;
      await context.run(
        scripted(context.name, { 'order.placed': () => ({ schedule: { name: 'late', afterMs: 250 } }) }),
      );
      for (const key of ['a', 'b']) await context.happen('order.placed', { key, n: 1 });
      await context.when('a', () => true);
      const ended = await processes.end(context.name, 'a', { tenantId, reason: 'asked for' });
      expect(ended).toMatchObject({ state: 'ended', reason: 'asked for', timers: [] });
      await context.happen('order.changed', { key: 'a', n: 2 });
      await context.when('b', (instance) => seenBy(instance).includes('late'));
      expect(seenBy((await context.find('a'))!)).toEqual([1]);
      await expect(processes.end(context.name, 'a', { tenantId })).rejects.toMatchObject({
        code: 'process-instance-ended',
      });
      await expect(processes.end(context.name, 'x', { tenantId })).rejects.toMatchObject({
        code: 'process-instance-not-found',
      });
    });

    it('no longer find an instance that was over long ago, and its key starts another', async () => {
      await context.run(
        scripted(context.name, { 'order.changed': () => ({ end: 'changed' }) }, { keepEndedMs: 1_000 }),
      );
      await context.happen('order.placed', { key: 'a', n: 1 });
      await context.happen('order.changed', { key: 'a', n: 2 });
      await context.when('a', ({ state }) => state === 'ended');
      await eventually(async () => (await context.find('a')) === undefined);
      await context.happen('order.placed', { key: 'a', n: 3 });
      expect(seenBy(await context.when('a', ({ state }) => state === 'started'))).toEqual([3]);
    });

    it('refuses what cannot be, with every problem', async () => {
      const { processes } = context.store;
      const process = scripted(context.name, {});
      await expect(processes.run(process, { maxAttempts: 0, commandTimeoutMs: 1 })).rejects.toMatchObject({
        code: 'validation-failed',
        errors: ['commands.do', 'commands.undo', 'maxAttempts', 'commandTimeoutMs'].map((path) =>
          expect.objectContaining({ path }),
        ),
      });
      expect(() => defineProcess({ name: '', startsOn: [], initialState: 0, handle: 0 as never })).toThrow(
        /name.*startsOn.*handle/,
      );
      await context.run(process);
      const wrong = [{ limit: 0 }, { cursor: '?' }];
      for (const page of wrong) {
        await expect(processes.instances(context.name, {}, page)).rejects.toMatchObject({ code: 'validation-failed' });
      }
      await expect(processes.instances(context.name, { state: 'x' as never })).rejects.toMatchObject({
        errors: [{ path: 'state' }],
      });
      await expect(processes.instance(context.name, '')).rejects.toMatchObject({ errors: [{ path: 'key' }] });
    });

    it('is closed with its store', async () => {
      const store = await context.factory.open();
      const running = await context.run(scripted(context.name, {}), {}, store);
      await store.close();
      expect(running.isActive).toBe(false);
      await expect(store.processes.list()).rejects.toMatchObject({ code: 'store-closed' });
      await expect(context.run(scripted(context.name, {}), {}, store)).rejects.toMatchObject({ code: 'store-closed' });
    });
  });
}
