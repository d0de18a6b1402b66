import { describe, expect, it } from '@jest/globals';
import { numbered, range } from '../contract-context.ts';
import { Gate } from '../subscribe/gate.ts';
import { Recorder } from '../subscribe/recorder.ts';
import { type LetterContext, Mendable } from './letter-context.ts';

const ordered = { mode: 'ordered' } as const;

/** Aggregates of ordered subscriptions that wait for a redrive. */
export function parkingContract(context: LetterContext): void {
  describe('a parked aggregate', () => {
    it('has its later events kept back, those that come later too', async () => {
      const { order, options, recorder } = await context.rejecting(4, ordered, [2]);
      expect(recorder.numbers).toEqual([1, 2]);
      await context.append(order, numbered(2, 5));
      await context.idle(options);
      expect(recorder.numbers).toEqual([1, 2]);
      const letters = await context.lettersOf(options);
      expect(letters.map(({ kind }) => kind)).toEqual(['rejected', 'parked', 'parked', 'parked', 'parked']);
      expect(letters.map(({ event }) => event!.version)).toEqual([2, 3, 4, 5, 6]);
      expect(letters.map(({ attempts }) => attempts)).toEqual([1, 0, 0, 0, 0]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 5, parkedAggregates: 1 });
    });

    it('holds up no other aggregate', async () => {
      const order = context.aggregate();
      const other = { ...order, id: '2' };
      for (const n of range(1, 3)) {
        await context.append(order, numbered(1, n));
        await context.append(other, numbered(1, n));
      }
      const recorder = new Recorder((one, told) => {
        if (one.aggregateId === '1') told.deadLetter('no');
      });
      const status = await context.handleAll(context.options(order, ordered), recorder);
      expect(recorder.numbersOf('1')).toEqual([1]);
      expect(recorder.numbersOf('2')).toEqual([1, 2, 3]);
      expect(status).toMatchObject({ deadLetters: 3, parkedAggregates: 1 });
    });

    it('stays so for whoever handles the subscription next', async () => {
      const { order, options, active } = await context.rejecting(2, ordered, [1]);
      await active.stop();
      await context.append(order, numbered(2, 3));
      const recorder = new Recorder();
      await context.subscribe(options, recorder, context.otherStore);
      await context.idle(options);
      expect(recorder.numbers).toEqual([]);
      expect(await context.numbersOf(options)).toEqual([1, 2, 3, 4]);
    });

    it('stays so when the subscription is set back', async () => {
      const { order, options, recorder } = await context.rejecting(3, ordered, [2]);
      const other = { ...order, id: '2' };
      await context.append(other, numbered(2, 11));
      await context.idle(options);
      await context.operator.rewind(options.name, { after: (await context.read(order))[0]!.position });
      await context.got(recorder, 6);
      await context.idle(options);
      expect(recorder.numbersOf('1')).toEqual([1, 2]);
      expect(recorder.numbersOf('2')).toEqual([11, 12, 11, 12]);
      // As they were: what comes again makes no other letter.
      const letters = await context.lettersOf(options);
      expect(letters.map(({ event, kind, redrives }) => [event!.version, kind, redrives])).toEqual([
        [2, 'rejected', 0],
        [3, 'parked', 0],
      ]);
    });

    it.each([
      ['the oldest of its letters', [2]],
      ['the newest of its letters', [4]],
      ['one in between', [3]],
      ['all of its letters', [2, 3, 4]],
    ])('is handed over whole, in order, by redriving %s; then it is handled as before', async (_, chosen) => {
      const { order, options, mendable, recorder } = await context.rejecting(4, ordered, [2]);
      mendable.mend();
      const letters = await context.lettersOf(options);
      const ids = letters.filter(({ event }) => chosen.includes(event!.version!)).map(({ id }) => id);
      const result = await context.redriven(options, { ids });
      expect(result).toEqual({ matched: ids.length, redriven: ids.length, orphaned: 0 });
      expect(recorder.numbers).toEqual([1, 2, 2, 3, 4]);
      expect(recorder.deliveries.slice(2).map(({ cause }) => cause)).toEqual(Array(3).fill('redrive'));
      expect(recorder.deliveries.slice(2).map(({ attempt }) => attempt)).toEqual([1, 1, 1]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 0, parkedAggregates: 0 });
      await context.append(order, numbered(1, 5));
      await context.idle(options);
      expect(recorder.deliveries.at(-1)).toMatchObject({ n: 5, cause: 'subscription' });
    });

    it('stays parked behind an event that fails again', async () => {
      const { options, mendable, recorder } = await context.rejecting(5, ordered, [2]);
      mendable.mend([4]);
      await context.redriven(options);
      expect(recorder.numbers).toEqual([1, 2, 2, 3, 4]);
      const letters = await context.lettersOf(options);
      // The one that failed again is the newer letter.
      expect(letters.map(({ event }) => event!.version).sort()).toEqual([4, 5]);
      expect(letters.find(({ event }) => event!.version === 4)).toMatchObject({ kind: 'rejected', reason: 'no 4' });
      expect(letters.find(({ event }) => event!.version === 5)).toMatchObject({ kind: 'parked', redriving: false });
      expect((await context.operator.get(options.name)).parkedAggregates).toBe(1);
      mendable.mend();
      await context.redriven(options);
      expect(recorder.numbers).toEqual([1, 2, 2, 3, 4, 4, 5]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 0, parkedAggregates: 0 });
    });

    it('gets events that come during its redrive after those that waited', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      const options = context.options(order, ordered);
      const refusing = await context.subscribe(options, (_, told) => told.deadLetter('no'));
      await context.idle(options);
      await refusing.stop();
      let appending: Promise<unknown> | undefined;
      const recorder = new Recorder(async () => {
        appending ??= context.append(order, numbered(3, 4));
        await appending;
      });
      await context.subscribe(options, recorder);
      await context.desk.redrive({ subscription: options.name });
      await context.got(recorder, 6);
      await context.idle(options);
      expect(recorder.numbers).toEqual(range(1, 6));
      expect(recorder.overlaps).toEqual([]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 0, parkedAggregates: 0 });
    });

    it('is redriven to its end by the next process when the one at work stops in between', async () => {
      const { options, active, mendable, recorder } = await context.rejecting(3, ordered, [1]);
      await active.stop();
      mendable.mend();
      const gate = new Gate();
      const first = new Recorder(() => gate.opened);
      const stopping = await context.subscribe(options, first);
      await context.desk.redrive({ subscription: options.name });
      await context.got(first, 1);
      const stopped = stopping.stop();
      gate.open();
      await stopped;
      expect(first.numbers).toEqual([1]);
      await context.subscribe(options, recorder, context.otherStore);
      await context.idle(options);
      expect(recorder.numbers).toEqual([1, 2, 3]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 0, parkedAggregates: 0 });
    });

    it('is one of several that are redriven, each in order', async () => {
      const { tenantId } = context.aggregate();
      const ids = ['a', 'b', 'c'];
      for (const n of range(1, 3))
        for (const id of ids) await context.append({ tenantId, type: 'order', id }, numbered(1, n));
      const options = context.options({ tenantId }, ordered);
      const mendable = new Mendable([1]);
      await context.subscribe(options, mendable.recorder);
      expect((await context.idle(options)).parkedAggregates).toBe(3);
      mendable.mend();
      expect(await context.redriven(options)).toEqual({ matched: 9, redriven: 9, orphaned: 0 });
      for (const id of ids) expect(mendable.recorder.numbersOf(id)).toEqual([1, 1, 2, 3]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 0, parkedAggregates: 0 });
    });

    it('is handled again when the subscription is to continue from now on', async () => {
      const { order, options, active } = await context.rejecting(3, ordered, [1]);
      await active.stop();
      await context.append(order, numbered(2, 4));
      const recorder = new Recorder();
      await context.subscribe({ ...options, onDeadLetter: 'continue' }, recorder);
      await context.idle(options);
      expect(recorder.numbers).toEqual([4, 5]);
      expect(await context.numbersOf(options)).toEqual([1, 2, 3]);
    });
  });
}
