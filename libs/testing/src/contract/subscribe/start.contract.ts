import { describe, expect, it } from '@jest/globals';
import { type StartFrom, compareTimestamps } from '@annals/core';
import { numbered, range } from '../contract-context.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** Where a subscription begins, and goes on. */
export function startContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('a subscription in mode %s', (mode) => {
    const handled = async (order: { tenantId: string }, from?: StartFrom): Promise<number[]> => {
      const recorder = new Recorder();
      await context.handleAll(context.options(order, { mode, ...(from !== undefined && { from }) }), recorder);
      return recorder.sorted;
    };

    it('begins with the oldest event, also by default', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      expect(await handled(order, 'beginning')).toEqual([1, 2, 3]);
      expect(await handled(order)).toEqual([1, 2, 3]);
    });

    it('begins with what is stored after the call', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const recorder = new Recorder();
      const options = context.options(order, { mode, from: 'now' });
      await context.subscribe(options, recorder);
      await context.append(order, numbered(2, 4));
      await context.got(recorder, 2);
      await context.idle(options);
      expect(recorder.sorted).toEqual([4, 5]);
    });

    it('begins behind a position, alone or in a list; in streams that are not named at their beginning', async () => {
      const order = context.aggregate();
      await context.fill(order, 4);
      const { position } = (await context.read(order))[1]!;
      expect(await handled(order, { after: position })).toEqual([3, 4]);
      expect(await handled(order, { after: [position] })).toEqual([3, 4]);
      expect(await handled(order, { after: [] })).toEqual([1, 2, 3, 4]);
      expect(await handled(order, { after: { ...position, sequence: 0 } })).toEqual([1, 2, 3, 4]);
    });

    it('begins with what was recorded at a time or after it', async () => {
      const order = context.aggregate();
      for (const n of range(1, 4)) await context.append(order, numbered(1, n));
      const stored = await context.read(order);
      const { recordedAt } = stored[2]!;
      const expected = stored.filter((one) => compareTimestamps(one.recordedAt, recordedAt) >= 0);
      expect(await handled(order, { recordedFrom: recordedAt })).toEqual(
        expected.map(({ data }) => (data as { n: number }).n),
      );
      expect(await handled(order, { recordedFrom: '2000-01-01T00:00:00Z' })).toEqual([1, 2, 3, 4]);
    });

    it('goes on where it stands, wherever it is asked to begin', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const options = context.options(order, { mode });
      await context.handleAll(options, new Recorder());
      await context.append(order, numbered(2, 4));
      const second = new Recorder();
      await context.handleAll({ ...options, from: 'now' }, second);
      expect(second.sorted).toEqual([4, 5]);
      await context.append(order, numbered(1, 6));
      const third = new Recorder();
      const active = await context.subscribe({ ...options, from: 'beginning' }, third, context.otherStore);
      await context.idle(options);
      await active.stop();
      expect(third.sorted).toEqual([6]);
    });
  });
}
