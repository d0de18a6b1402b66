import { describe, expect, it } from '@jest/globals';
import {
  type DocumentContext,
  EventRegistry,
  ProjectionBehind,
  type RecordedEvent,
  splitInto,
  withRegistry,
} from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { event, range } from '../contract-context.ts';
import { type ProjectionContext, addNumber } from './projection-context.ts';

/** What a projection does with events. */
export function followingContract(test: () => ProjectionContext): void {
  describe('a projection', () => {
    it('handles every stored event in order, then each new one', async () => {
      await test().append(30);
      const running = await test().run();
      await running.waitFor(await test().append(1));
      expect(await test().numbers()).toEqual(range(1, 31));
      for (let i = 0; i < 5; i++) await test().append(3);
      await running.waitFor(await test().append(1));
      expect(await test().numbers()).toEqual(range(1, 47));
    });

    it('writes what lies ready in batches', async () => {
      const last = await test().append(1_000);
      const batches: number[] = [];
      const handleBatch = async (events: readonly RecordedEvent[], context: DocumentContext): Promise<void> => {
        batches.push(events.length);
        for (const handled of events) await addNumber(handled, context);
      };
      const running = await test().run({ handleBatch, batchSize: 200 });
      await running.waitFor(last, { timeoutMs: 20_000 });
      expect(await test().numbers()).toEqual(range(1, 1_000));
      expect(Math.max(...batches)).toBeLessThanOrEqual(200);
      expect(batches.length).toBeLessThan(100);
    });

    it('gets the events that it asks for only, and passes over the others', async () => {
      await test().append(2, 'order.unwanted');
      await test().append(2);
      const running = await test().run({ eventTypes: ['order.numbered'] });
      const last = await test().append(3, 'order.unwanted');
      // What is not wanted is dealt with as well: whoever waits for it need not know.
      await running.waitFor(last);
      expect(await test().numbers()).toEqual([3, 4]);
      expect(await running.status()).toMatchObject({ state: 'live', lagEvents: 0, lagMs: 0 });
    });

    it('holds up at an event that fails, tells which, and goes on behind it once it succeeds', async () => {
      let isBroken = true;
      const attempts: number[] = [];
      const handle = async (handled: RecordedEvent, context: DocumentContext): Promise<void> => {
        const { n } = handled.data as { n: number };
        if (n === 4) attempts.push(n);
        if (n === 4 && isBroken) throw new TypeError('four is broken');
        await addNumber(handled, context);
      };
      await test().append(3);
      const failing = await test().append(1);
      const last = await test().append(3);
      const running = await test().run({ handle });
      const status = await test().untilStatus(({ state }) => state === 'failed');
      expect(status.lastError).toMatchObject({ message: expect.stringContaining('four is broken'), position: failing });
      expect(status.lagEvents).toBe(4);
      expect(status.lagMs).toBeGreaterThanOrEqual(0);
      expect(await test().numbers()).toEqual([1, 2, 3]);
      await expect(running.waitFor(failing, { timeoutMs: 10 })).rejects.toBeInstanceOf(ProjectionBehind);
      await eventually(() => attempts.length >= 3);
      expect(await test().numbers()).toEqual([1, 2, 3]);
      isBroken = false;
      await running.waitFor(last, { timeoutMs: 20_000 });
      expect(await test().numbers()).toEqual(range(1, 7));
      expect((await running.status()).lastError).toBeUndefined();
    });

    it('tells that it is behind who waits for what is not there', async () => {
      const position = await test().append(1);
      const running = await test().run();
      const far = { ...position, sequence: position.sequence + 1_000_000 };
      const error = await running.waitFor(far, { timeoutMs: 50 }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'projection-behind', retryable: true, timeoutMs: 50 });
    });

    it('is never called up to date while an event is left', async () => {
      let letGo = (): void => {};
      const held = new Promise<void>((resolve) => (letGo = resolve));
      const handle = async (handled: RecordedEvent, context: DocumentContext): Promise<void> => {
        if ((handled.data as { n: number }).n === 2) await held;
        await addNumber(handled, context);
      };
      const running = await test().run({ handle });
      await running.waitFor(await test().append(1));
      expect((await running.status()).state).toBe('live');
      const second = await test().append(1);
      expect(await running.status()).toMatchObject({ state: 'catching-up', lagEvents: 1 });
      letGo();
      await running.waitFor(second);
      expect(await running.status()).toMatchObject({ state: 'live', lagEvents: 0, handled: 2 });
    });

    it('goes on where it stopped, and handles nothing twice', async () => {
      const first = await test().run();
      await first.waitFor(await test().append(10));
      await first.stop();
      await first.stop();
      await test().append(5);
      const second = await test().run();
      await second.waitFor(await test().append(5), { timeoutMs: 10_000 });
      expect(await test().numbers()).toEqual(range(1, 20));
    });

    it('sees events as they are today, the parts of one that was divided together', async () => {
      const registry = new EventRegistry();
      registry.registerMigration('order.numbered', 1, 2, (data) => {
        const { n } = data as { n: number };
        return n % 3 === 0 ? splitInto() : splitInto({ data: { n } }, { data: { n: -n } });
      });
      const store = withRegistry(test().context.store, registry.seal());
      await test().append(4);
      const running = await test().run({}, store);
      await running.waitFor(await test().append(1));
      expect(await test().numbers()).toEqual([1, -1, 2, -2, 4, -4, 5, -5]);
    });

    it('reads events without an aggregate, and of several types and tenants', async () => {
      const type = test().context.unique('type').replaceAll('-', '');
      await test().context.store.appendAll([{ events: [event(`${type}.a`, { n: 1 }), event(`${type}.b`, { n: 2 })] }]);
      await test().context.append(test().aggregate, event(`${type}.c`, { n: 3 }));
      const running = await test().run({ tenantId: undefined, eventTypes: [`${type}.*`] });
      await eventually(async () => (await test().numbers()).length === 3);
      expect(await test().numbers()).toEqual([1, 2, 3]);
      expect((await running.status()).state).toBe('live');
    });
  });
}
