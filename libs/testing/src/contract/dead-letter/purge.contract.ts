import { describe, expect, it } from '@jest/globals';
import { numbered } from '../contract-context.ts';
import { Recorder } from '../subscribe/recorder.ts';
import type { LetterContext } from './letter-context.ts';

/** Removing dead letters for good. */
export function purgeContract(context: LetterContext): void {
  describe('purging', () => {
    it('removes what is selected and tells how many', async () => {
      const { options } = await context.rejecting(5, { concurrency: 1 });
      const letters = await context.lettersOf(options);
      expect(await context.desk.purge({ ids: [letters[0]!.id, letters[2]!.id] })).toBe(2);
      expect(await context.numbersOf(options)).toEqual([2, 4, 5]);
      await expect(context.desk.get(letters[0]!.id)).rejects.toMatchObject({ code: 'dead-letter-not-found' });
      expect(await context.desk.purge({ subscription: options.name, kinds: ['parked'] })).toBe(0);
      expect(await context.desk.purge({ subscription: options.name })).toBe(3);
      expect(await context.desk.purge({ subscription: options.name })).toBe(0);
      expect((await context.operator.get(options.name)).deadLetters).toBe(0);
    });

    it('has a parked aggregate handled again, once none of its letters is left', async () => {
      const { order, options, recorder } = await context.rejecting(3, { mode: 'ordered' }, [1]);
      await context.desk.purge({ subscription: options.name, kinds: ['rejected'] });
      await context.append(order, numbered(1, 4));
      await context.idle(options);
      expect(recorder.numbers).toEqual([1]);
      expect((await context.operator.get(options.name)).parkedAggregates).toBe(1);
      expect(await context.desk.purge({ subscription: options.name })).toBe(3);
      expect((await context.operator.get(options.name)).parkedAggregates).toBe(0);
      await context.append(order, numbered(2, 5));
      await context.idle(options);
      expect(recorder.numbers).toEqual([1, 5, 6]);
    });

    it('forgets a redrive that waits', async () => {
      const { options, active } = await context.rejecting(2);
      await active.stop();
      await context.desk.redrive({ subscription: options.name });
      expect(await context.desk.purge({ subscription: options.name })).toBe(2);
      const recorder = new Recorder();
      await context.handleAll(options, recorder);
      expect(recorder.deliveries).toEqual([]);
    });

    it('of letters of a subscription that is gone removes them, too', async () => {
      const { options } = await context.rejecting(2);
      await context.operator.delete(options.name);
      expect(await context.desk.purge({ subscription: options.name })).toBe(2);
      expect(await context.lettersOf(options)).toEqual([]);
    });
  });
}
