import { describe, expect, it } from '@jest/globals';
import { CommandRejected } from '@annals/core';
import { scripted } from './order-process.ts';
import type { ProcessContext } from './process-context.ts';

/** How what was done is undone. */
export function compensationContract(context: ProcessContext): void {
  describe('compensation', () => {
    const step = (n: number) => ({ name: 'do', data: n, undo: { name: 'undo', data: n } });

    it('undoes what was done, the latest first, when a failure is not decided upon; the rest is not begun', async () => {
      const calls: string[] = [];
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({
            emit: {
              aggregate: { type: 'bill', id: 'b' },
              events: { type: 'bill.opened', data: {} },
              undo: { name: 'undo', data: 'bill' },
            },
            commands: [1, 2, 3, 4].map(step),
          }),
        }),
        {
          commands: {
            do: (n: number) => {
              if (n === 3) throw new CommandRejected('three is too many');
              calls.push(`do ${n}`);
            },
            undo: (n: unknown) => void calls.push(`undo ${String(n)}`),
          },
        },
      );
      await context.happen('order.placed', { key: 'a' });
      const over = await context.when(
        'a',
        ({ endedAt, pendingEffects }) => endedAt !== undefined && pendingEffects === 0,
      );
      expect(calls).toEqual(['do 1', 'do 2', 'undo 2', 'undo 1', 'undo bill']);
      expect(over).toMatchObject({ state: 'failed', reason: 'command do failed: three is too many' });
    });

    it('compensates where the process says so, then does what it wants beside', async () => {
      const calls: string[] = [];
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ commands: [step(1), step(2)], schedule: { name: 'late', afterMs: 150 } }),
          'timeout late': () => ({ compensate: true, commands: { name: 'do', data: 'tell' }, end: 'too late' }),
        }),
        {
          commands: {
            do: (n: unknown) => void calls.push(`do ${String(n)}`),
            undo: (n: unknown) => void calls.push(`undo ${String(n)}`),
          },
        },
      );
      await context.happen('order.placed', { key: 'a' });
      const over = await context.when(
        'a',
        ({ endedAt, pendingEffects }) => endedAt !== undefined && pendingEffects === 0,
      );
      expect(calls).toEqual(['do 1', 'do 2', 'undo 2', 'undo 1', 'do tell']);
      expect(over).toMatchObject({ state: 'timed-out', reason: 'too late' });
      expect(over.history.at(-1)).toMatchObject({ input: 'timeout late', compensated: true, ended: 'too late' });
    });

    it('goes on undoing where one compensation fails, and says so', async () => {
      const calls: unknown[] = [];
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ commands: [step(1), step(2)] }),
          'order.changed': () => ({ compensate: true, end: 'changed' }),
        }),
        {
          commands: {
            undo: (n: unknown) => {
              calls.push(n);
              if (n === 2) throw new CommandRejected('cannot be undone');
            },
          },
        },
      );
      await context.happen('order.placed', { key: 'a' });
      await context.when('a', ({ steps, pendingEffects }) => steps === 1 && pendingEffects === 0);
      await context.happen('order.changed', { key: 'a' });
      const over = await context.when(
        'a',
        ({ endedAt, pendingEffects }) => endedAt !== undefined && pendingEffects === 0,
      );
      expect(calls).toEqual([2, 1]);
      expect(over.error).toMatchObject({ message: 'cannot be undone' });
    });
  });
}
