import { describe, expect, it } from '@jest/globals';
import { event, range } from '../contract-context.ts';
import { Recorder } from '../subscribe/recorder.ts';
import { type LetterContext, Mendable, numberOf } from './letter-context.ts';

/** Having dead letters handled again. */
export function redriveContract(context: LetterContext): void {
  describe('redriving', () => {
    it('has one letter handled again, and removes it', async () => {
      const { options, mendable, recorder } = await context.rejecting(3, { concurrency: 1 });
      mendable.mend();
      const letter = (await context.lettersOf(options))[1]!;
      expect(await context.redriven(options, { ids: [letter.id] })).toEqual({ matched: 1, redriven: 1, orphaned: 0 });
      expect(recorder.deliveries.slice(3)).toMatchObject([{ n: 2, attempt: 1, cause: 'redrive' }]);
      expect(recorder.deliveries[3]!.event).toEqual(letter.event);
      expect(await context.numbersOf(options)).toEqual([1, 3]);
      await expect(context.desk.get(letter.id)).rejects.toMatchObject({ code: 'dead-letter-not-found' });
    });

    it('has all letters of a subscription handled again, and no other', async () => {
      const order = context.aggregate();
      await context.fill(order, 10);
      const [mine, others] = [context.options(order), context.options(order)];
      const mendable = new Mendable();
      await context.handleAll(others, (_, told) => told.deadLetter('no'));
      await context.subscribe(mine, mendable.recorder);
      await context.idle(mine);
      mendable.mend();
      expect(await context.redriven(mine)).toEqual({ matched: 10, redriven: 10, orphaned: 0 });
      expect(mendable.recorder.numbers.slice(10).sort((a, b) => a - b)).toEqual(range(1, 10));
      expect(await context.numbersOf(mine)).toEqual([]);
      expect(await context.desk.count({ subscription: others.name })).toBe(10);
    });

    it('has those handled again that are selected', async () => {
      const order = context.aggregate();
      const types = ['order.placed', 'order.paid', 'order.item.added'];
      await context.append(
        order,
        range(0, 5).map((n) => event(types[n % 3], { n })),
      );
      const options = context.options(order);
      const mendable = new Mendable();
      await context.subscribe(options, mendable.recorder);
      await context.idle(options);
      mendable.mend();
      const selection = { tenantId: order.tenantId, eventTypes: ['order.*'] };
      expect(await context.redriven(options, selection)).toEqual({ matched: 4, redriven: 4, orphaned: 0 });
      expect((await context.numbersOf(options)).sort()).toEqual([2, 5]);
    });

    it.each(['shared', 'ordered'] as const)('in mode %s makes a dead letter again where it fails', async (mode) => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const reasons = ['first', 'second', 'third'];
      const recorder = new Recorder(() => Promise.reject(new Error(reasons[recorder.deliveries.length - 1])));
      const options = context.options(order, { mode, maxDeliver: 1 });
      await context.subscribe(options, recorder);
      for (const redrives of [0, 1, 2]) {
        await context.idle(options);
        const letters = await context.lettersOf(options);
        expect(letters).toMatchObject([{ redrives, attempts: 1, redriving: false, kind: 'attempts-exhausted' }]);
        expect(letters[0]!.error!.message).toBe(reasons[redrives]);
        expect(letters[0]!.reason).toContain(reasons[redrives]);
        if (redrives < 2) await context.redriven(options);
      }
      expect(recorder.deliveries.map(({ cause }) => cause)).toEqual(['subscription', 'redrive', 'redrive']);
    });

    it.each(['shared', 'ordered'] as const)('in mode %s repeats attempts as it did at first', async (mode) => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder((_, { attempt, cause }) => {
        if (cause === 'subscription' || attempt < 3) throw new Error('not now');
      });
      const options = context.options(order, { mode, maxDeliver: 3 });
      await context.subscribe(options, recorder);
      await context.idle(options);
      await context.redriven(options);
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 3, 1, 2, 3]);
      expect(await context.numbersOf(options)).toEqual([]);
    });

    it('waits durably for a process that handles the subscription, and is not doubled', async () => {
      const { options, active } = await context.rejecting(3, { concurrency: 1 });
      await active.stop();
      const selection = { subscription: options.name };
      const one = { ids: [(await context.lettersOf(options))[1]!.id] };
      expect(await context.desk.redrive(one)).toEqual({ matched: 1, redriven: 1, orphaned: 0 });
      expect(await context.desk.redrive(one)).toEqual({ matched: 1, redriven: 0, orphaned: 0 });
      expect(await context.desk.redrive(selection)).toEqual({ matched: 3, redriven: 2, orphaned: 0 });
      expect((await context.lettersOf(options)).map(({ redriving }) => redriving)).toEqual([true, true, true]);
      expect(await context.operator.get(options.name)).toMatchObject({ redeliveries: 3, deadLetters: 3 });
      const recorder = new Recorder();
      await context.subscribe(options, recorder);
      await context.got(recorder, 3);
      await context.idle(options);
      expect(recorder.sorted).toEqual([1, 2, 3]);
      expect(await context.operator.get(options.name)).toMatchObject({ redeliveries: 0, deadLetters: 0 });
    });

    it('keeps to the rate that it is given', async () => {
      const { options, mendable, recorder } = await context.rejecting(5);
      mendable.mend();
      const result = await context.desk.redrive({ subscription: options.name }, { ratePerSecond: 20 });
      expect(result).toEqual({ matched: 5, redriven: 5, orphaned: 0 });
      await context.idle(options);
      const times = recorder.deliveries.slice(5).map(({ atMs }) => atMs);
      expect(times).toHaveLength(5);
      // Four times 50 ms; the clocks of the server and of this process differ by a little.
      expect(times.at(-1)! - times[0]!).toBeGreaterThanOrEqual(150);
    });

    it('counts letters whose subscription is gone, and leaves them', async () => {
      const { options } = await context.rejecting(2);
      await context.operator.delete(options.name);
      const selection = { subscription: options.name };
      expect(await context.desk.redrive(selection)).toEqual({ matched: 2, redriven: 0, orphaned: 2 });
      expect(await context.desk.count(selection)).toBe(2);
    });

    it('ends with the deletion of the subscription', async () => {
      const { options, active } = await context.rejecting(2);
      await active.stop();
      await context.desk.redrive({ subscription: options.name });
      await context.operator.delete(options.name);
      expect((await context.lettersOf(options)).map(({ redriving }) => redriving)).toEqual([false, false]);
      const recorder = new Recorder();
      await context.handleAll({ ...options, from: 'now' }, recorder);
      expect(recorder.deliveries).toEqual([]);
    });

    it('does not come before a subscription is resumed', async () => {
      const { options, mendable, recorder, order } = await context.rejecting(1);
      mendable.mend();
      await context.operator.pause(options.name);
      await context.desk.redrive({ subscription: options.name });
      await context.othersHandled(order);
      expect(recorder.deliveries).toHaveLength(1);
      await context.operator.resume(options.name);
      await context.got(recorder, 2);
      await context.idle(options);
      expect(await context.numbersOf(options)).toEqual([]);
    });

    it('is refused for a letter that is not there, and has the others left alone', async () => {
      const { options, recorder } = await context.rejecting(1);
      const [letter] = await context.lettersOf(options);
      const missing = `${options.name}/${letter!.position.stream}/${letter!.position.sequence + 1_000_000}`;
      const redriving = context.desk.redrive({ ids: [letter!.id, missing] });
      await expect(redriving).rejects.toMatchObject({ code: 'dead-letter-not-found', id: missing });
      await context.idle(options);
      expect(recorder.deliveries).toHaveLength(1);
    });

    it.each([0, -1, Number.NaN, Infinity, '5'])('is refused at the rate %p', async (ratePerSecond) => {
      const options = { ratePerSecond: ratePerSecond as number };
      const redriving = context.desk.redrive({ subscription: context.unique('nobody') }, options);
      await expect(redriving).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'ratePerSecond' }] });
    });

    it('ends with the reason of its signal', async () => {
      const { options, recorder } = await context.rejecting(1);
      const reason = new Error('enough');
      const redriving = context.desk.redrive({ subscription: options.name }, { signal: AbortSignal.abort(reason) });
      await expect(redriving).rejects.toBe(reason);
      await context.idle(options);
      expect(recorder.deliveries).toHaveLength(1);
    });

    it('of what nothing matches does nothing', async () => {
      const redriving = context.desk.redrive({ subscription: context.unique('nobody') });
      expect(await redriving).toEqual({ matched: 0, redriven: 0, orphaned: 0 });
    });
  });

  describe('dead letters', () => {
    it('stay when their subscription is deleted', async () => {
      const { options } = await context.rejecting(2);
      await context.operator.delete(options.name);
      expect((await context.lettersOf(options)).map(numberOf).sort()).toEqual([1, 2]);
    });
  });
}
