import { describe, expect, it } from '@jest/globals';
import { scripted } from './order-process.ts';
import { type ProcessContext, seenBy } from './process-context.ts';

/** When timers fire. */
export function timerContract(context: ProcessContext): void {
  describe('timers', () => {
    it('fires once, when it is due, with its data, and not before', async () => {
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ schedule: { name: 'late', afterMs: 300, data: { a: 1 } } }),
          'timeout late': (input) => ({ end: JSON.stringify(input) }),
        }),
      );
      await context.happen('order.placed', { key: 'a', n: 1 });
      const waiting = await context.when('a', () => true);
      expect(waiting.nextTimer).toMatchObject({ name: 'late' });
      const dueAt = waiting.nextTimer!.at;
      expect(Date.parse(dueAt)).toBe(Date.parse(waiting.since) + 300);
      const over = await context.when('a', ({ state }) => state === 'timed-out');
      expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(dueAt));
      expect(JSON.parse(over.reason!)).toEqual({ type: 'timeout', name: 'late', data: { a: 1 }, at: dueAt });
      expect(seenBy(over)).toEqual([1, 'late']);
    });

    it('fires those that are due at about the same time in the order of their times', async () => {
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({
            schedule: [120, 60, 180].map((afterMs) => ({ name: `after ${afterMs}`, afterMs })),
          }),
          'timeout after 180': () => ({ end: 'all' }),
        }),
      );
      await context.happen('order.placed', { key: 'a', n: 1 });
      const over = await context.when('a', ({ endedAt }) => endedAt !== undefined);
      expect(seenBy(over)).toEqual([1, 'after 60', 'after 120', 'after 180']);
    });

    it('does not fire what was cancelled, or replaced by one of the same name, or left by an instance that is over', async () => {
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({
            schedule: [
              { name: 'gone', afterMs: 100 },
              { name: 'moved', afterMs: 100 },
            ],
          }),
          'order.changed': () => ({ cancel: ['gone', 'unknown'], schedule: { name: 'moved', afterMs: 250 } }),
          'timeout moved': () => ({ schedule: { name: 'never', afterMs: 1 }, end: 'moved' }),
        }),
      );
      await context.happen('order.placed', { key: 'a', n: 1 });
      await context.happen('order.changed', { key: 'a', n: 2 });
      const over = await context.when('a', ({ endedAt }) => endedAt !== undefined);
      expect(seenBy(over)).toEqual([1, 2, 'moved']);
      expect(over.timers).toEqual([]);
    });

    it('fires after a restart, but not before the events that came in time', async () => {
      const process = scripted(context.name, {
        'order.placed': () => ({ schedule: { name: 'late', afterMs: 200 } }),
        'order.changed': () => ({ cancel: 'late', end: 'in time' }),
      });
      const first = await context.run(process);
      for (const key of ['a', 'b']) await context.happen('order.placed', { key, n: 1 });
      for (const key of ['a', 'b']) await context.when(key, ({ nextTimer }) => nextTimer !== undefined);
      await first.stop();
      await context.happen('order.changed', { key: 'b', n: 2 });
      const { nextTimer } = (await context.find('a'))!;
      await context.when('a', () => Date.now() > Date.parse(nextTimer!.at));
      await context.run(process);
      expect(seenBy(await context.when('a', ({ timers }) => timers.length === 0))).toEqual([1, 'late']);
      expect(seenBy(await context.when('b', ({ endedAt }) => endedAt !== undefined))).toEqual([1, 2]);
    });
  });
}
