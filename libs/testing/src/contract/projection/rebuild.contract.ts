import { describe, expect, it } from '@jest/globals';
import type { DocumentContext, RecordedEvent } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { range } from '../contract-context.ts';
import { type ProjectionContext, addNumber } from './projection-context.ts';

/** Another generation beside the one in use. */
export function rebuildContract(test: () => ProjectionContext): void {
  describe('a rebuild', () => {
    it('goes on beside the read model in use, which stays up to date, and takes its place', async () => {
      let letGo = (): void => {};
      const held = new Promise<void>((resolve) => (letGo = resolve));
      let isRebuilding = false;
      const seen = new Set<number>();
      const handle = async (handled: RecordedEvent, context: DocumentContext): Promise<void> => {
        const { n } = handled.data as { n: number };
        // The second time that an event is seen it is the rebuild's.
        if (isRebuilding && seen.has(n)) await held;
        seen.add(n);
        await addNumber(handled, context);
      };
      const running = await test().run({ handle });
      await running.waitFor(await test().append(20));
      isRebuilding = true;
      const asked = await test().context.store.projections.rebuild(test().name);
      expect(asked.state).toBe('rebuilding');
      expect(asked.rebuild).toMatchObject({ lagEvents: 20 });
      try {
        await running.waitFor(await test().append(5));
        expect(await test().numbers()).toEqual(range(1, 25));
        expect((await running.status()).generation).toBe(asked.generation);
      } finally {
        letGo();
      }
      const status = await test().untilStatus(({ generation }) => generation > asked.generation);
      expect(status.rebuild).toBeUndefined();
      expect(await test().numbers()).toEqual(range(1, 25));
      await running.waitFor(await test().append(5));
      expect(await test().numbers()).toEqual(range(1, 30));
      await test().untilStatus(({ state }) => state === 'live');
    });

    it('ends with what the live one is, while events come all the time', async () => {
      const running = await test().run();
      await running.waitFor(await test().append(10));
      const { generation } = await running.status();
      await test().context.store.projections.rebuild(test().name);
      let last = await test().append(1);
      await eventually(async () => {
        last = await test().append(7);
        const numbers = await test().numbers();
        // Readers never see less than they saw.
        expect(numbers).toEqual(range(1, numbers.length));
        expect(numbers.length).toBeGreaterThanOrEqual(10);
        return (await running.status()).generation > generation;
      });
      await running.waitFor(last, { timeoutMs: 10_000 });
      const numbers = await test().numbers();
      expect(numbers).toEqual(range(1, numbers.length));
      expect(await test().context.store.projections.documents.generations(test().name)).toHaveLength(1);
    });

    it('follows a newer version, and an older release then stands back', async () => {
      const first = await test().run();
      await first.waitFor(await test().append(5));
      await first.stop();
      const handle = async (handled: RecordedEvent, context: DocumentContext): Promise<void> => {
        const numbers = (await context.get<number[]>('all')) ?? [];
        context.put('all', [...numbers, 100 * (handled.data as { n: number }).n]);
      };
      const second = await test().run({ version: 2, handle });
      const status = await test().untilStatus(({ version, state }) => version === 2 && state === 'live');
      expect(status.generation).toBe(2);
      expect(await test().numbers()).toEqual([100, 200, 300, 400, 500]);
      await second.stop();
      const older = await test().run();
      const position = await test().append(1);
      await eventually(async () => (await older.status()).lastError?.message.includes('newer release'));
      expect(await older.status()).toMatchObject({ state: 'standby', generation: 2 });
      await expect(older.waitFor(position, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'projection-behind' });
      expect(await test().numbers()).toEqual([100, 200, 300, 400, 500]);
    });
  });
}
