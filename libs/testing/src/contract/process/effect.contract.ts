import { describe, expect, it } from '@jest/globals';
import { type CommandContext, CommandRejected } from '@annals/core';
import { scripted } from './order-process.ts';
import type { ProcessContext } from './process-context.ts';

/** What becomes of what a process wants done. */
export function effectContract(context: ProcessContext): void {
  describe('effects', () => {
    it('appends what is emitted, in the order given, with correlation, causation and source', async () => {
      await context.run(
        scripted(context.name, {
          'order.placed': (_, __, key) => ({
            emit: [1, 2].map((n) => ({
              aggregate: { type: 'bill', id: key },
              events: [
                { type: 'bill.line', data: n },
                { type: 'bill.line', data: n + 0.5 },
              ],
            })),
          }),
        }),
      );
      await context.happen('order.placed', { key: 'a' });
      await context.when('a', ({ pendingEffects, steps }) => steps === 1 && pendingEffects === 0);
      const [placed] = await context.events('order.placed');
      const lines = await context.events('bill.line');
      expect(lines.map(({ data, version }) => [data, version])).toEqual([
        [1, 1],
        [1.5, 2],
        [2, 3],
        [2.5, 4],
      ]);
      expect(lines[0]).toMatchObject({
        causationId: placed!.messageId,
        correlationId: placed!.correlationId,
        source: { type: 'process', name: context.name, id: 'a' },
      });
    });

    it('calls commands one after the other, with data and an id that is theirs alone', async () => {
      const calls: { data: unknown; id: string }[] = [];
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ commands: [1, 2, 3].map((data) => ({ name: 'do', data })) }),
        }),
        { commands: { do: (data: unknown, { idempotencyId: id }: CommandContext) => calls.push({ data, id }) } },
      );
      await context.happen('order.placed', { key: 'a' });
      await context.when('a', ({ pendingEffects, steps }) => steps === 1 && pendingEffects === 0);
      expect(calls.map(({ data }) => data)).toEqual([1, 2, 3]);
      expect(new Set(calls.map(({ id }) => id)).size).toBe(3);
    });

    it('tries a command again with the same id, and decides upon its failure once it has failed for good', async () => {
      const tries: [string, number][] = [];
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ commands: { name: 'do', data: { at: 1 } } }),
          'failure do': (input) => ({ end: { reason: JSON.stringify(input), as: 'ended' } }),
        }),
        {
          commands: {
            do: (_: unknown, { idempotencyId, attempt }: CommandContext) => {
              tries.push([idempotencyId, attempt]);
              throw new Error(`no ${attempt}`);
            },
          },
        },
      );
      await context.happen('order.placed', { key: 'a' });
      const { reason, error } = await context.when('a', ({ state }) => state === 'ended');
      expect(JSON.parse(reason!)).toMatchObject({ of: 'command', data: { at: 1 }, error: { message: 'no 3' } });
      expect(error).toMatchObject({ message: 'no 3' });
      expect(tries.map(([, attempt]) => attempt)).toEqual([1, 2, 3]);
      expect(new Set(tries.map(([id]) => id)).size).toBe(1);
    });

    it('does not try again what a command rejects, nor what cannot be appended', async () => {
      let calls = 0;
      await context.run(
        scripted(context.name, {
          'order.placed': () => ({ commands: { name: 'do' } }),
          'failure do': () => ({
            emit: {
              aggregate: { type: 'order', id: 'x' },
              events: { type: 'order.changed', data: {} },
              expectedVersion: 7,
            },
          }),
          'failure order.changed': (input) => ({ end: { reason: (input as { error: { name: string } }).error.name } }),
        }),
        {
          commands: {
            do: () => {
              calls++;
              throw new CommandRejected('never');
            },
          },
        },
      );
      await context.happen('order.placed', { key: 'a' });
      const { reason, state } = await context.when('a', ({ endedAt }) => endedAt !== undefined);
      expect([calls, reason, state]).toEqual([1, 'ConcurrencyError', 'failed']);
    });

    it('goes on with events while a command takes its time, and a stop waits for it', async () => {
      let finish = (): void => {};
      const running = await context.run(
        scripted(context.name, { 'order.placed': () => ({ commands: { name: 'do' } }) }),
        { commands: { do: () => new Promise<void>((resolve) => (finish = resolve)) } },
      );
      await context.happen('order.placed', { key: 'a', n: 1 });
      await context.happen('order.changed', { key: 'a', n: 2 });
      await context.when('a', ({ steps, pendingEffects }) => steps === 2 && pendingEffects === 1);
      const stopped = running.stop();
      finish();
      await stopped;
      expect((await context.find('a'))?.pendingEffects).toBe(0);
    });

    it('ends a command that a stop no longer waits for, and has it called again', async () => {
      const ids: string[] = [];
      const process = scripted(context.name, { 'order.placed': () => ({ commands: { name: 'do' } }) });
      let isAborted = false;
      const running = await context.run(process, {
        commands: {
          do: (_: unknown, { signal, idempotencyId }: CommandContext) => {
            ids.push(idempotencyId);
            signal.addEventListener('abort', () => (isAborted = true));
            return new Promise(() => {});
          },
        },
      });
      await context.happen('order.placed', { key: 'a' });
      await context.when('a', () => ids.length === 1);
      await running.stop({ timeoutMs: 10 });
      expect(isAborted).toBe(true);
      await context.run(process, {
        commands: { do: (_: unknown, { idempotencyId }: CommandContext) => void ids.push(idempotencyId) },
      });
      await context.when('a', ({ pendingEffects }) => pendingEffects === 0);
      expect(ids).toEqual([ids[0], ids[0]]);
    });
  });
}
