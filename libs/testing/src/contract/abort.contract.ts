import { beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, RecordedEvent } from '@annals/core';
import { type ContractContext, type TestAggregate, event } from './contract-context.ts';

/** Reads that end before their end. */
export function abortContract(context: ContractContext): void {
  type Read = (store: EventStore, ref: TestAggregate, signal?: AbortSignal) => AsyncIterable<RecordedEvent>;
  const given = (signal?: AbortSignal) => (signal ? { signal } : {});
  const reads: [name: string, read: Read][] = [
    ['readAggregate', (store, ref, signal) => store.readAggregate(ref, given(signal))],
    ['readAt', (store, ref, signal) => store.readAt(ref, '2100-01-01T00:00:00Z', given(signal))],
    ['readAll', (store, { tenantId }, signal) => store.readAll({ tenantId, ...given(signal) })],
    [
      'readAll backwards',
      (store, { tenantId }, signal) => store.readAll({ tenantId, direction: 'backwards', ...given(signal) }),
    ],
  ];

  describe.each(reads)('a read by %s', (_, read) => {
    const order = context.aggregate();
    beforeAll(() => context.fill(order, 1_500));

    it('ends with the reason of a signal that was given before it began', async () => {
      const reason = new Error('not wanted any more');
      const reading = count(read(context.store, order, AbortSignal.abort(reason)));
      await expect(reading).rejects.toBe(reason);
    });

    it('ends with the reason of a signal that comes while it goes on', async () => {
      const reason = new Error('enough');
      const controller = new AbortController();
      let seen = 0;
      const reading = (async () => {
        for await (const _event of read(context.store, order, controller.signal)) {
          if (++seen === 10) controller.abort(reason);
        }
      })();
      await expect(reading).rejects.toBe(reason);
      expect(seen).toBeLessThan(1_500);
    });

    it('gives all events under a signal that never comes', async () => {
      expect(await count(read(context.store, order, new AbortController().signal))).toBe(1_500);
    });

    it('may be left early, again and again, and the store goes on', async () => {
      for (let i = 0; i < 20; i++) {
        let seen = 0;
        for await (const _event of read(context.store, order)) if (++seen > i) break;
      }
      expect(await count(read(context.store, order))).toBe(1_500);
      await context.append({ ...context.aggregate() }, event());
    });

    it('may be left by an error of its reader', async () => {
      const failure = new Error('of the reader');
      const reading = (async () => {
        for await (const _event of read(context.store, order)) throw failure;
      })();
      await expect(reading).rejects.toBe(failure);
    });

    it('may be left before it began', async () => {
      const iterator = read(context.store, order)[Symbol.asyncIterator]();
      await iterator.return?.();
      expect((await iterator.next()).done).toBe(true);
    });
  });
}

async function count(events: AsyncIterable<RecordedEvent>): Promise<number> {
  let seen = 0;
  for await (const _event of events) seen++;
  return seen;
}
