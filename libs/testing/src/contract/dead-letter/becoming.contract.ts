import { describe, expect, it } from '@jest/globals';
import { type DeadLetter, deadLetterId } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { numbered } from '../contract-context.ts';
import { Recorder } from '../subscribe/recorder.ts';
import type { LetterContext } from './letter-context.ts';

class OutOfStock extends Error {
  override readonly name = 'OutOfStock';
  readonly code = 'out-of-stock';
}

/** How an event becomes a dead letter, and what is kept of it. */
export function becomingContract(context: LetterContext): void {
  describe.each(['shared', 'ordered'] as const)('a dead letter in mode %s', (mode) => {
    /** The letter of the only event of a new aggregate. */
    async function letterOf(handler: () => unknown, maxDeliver = 2): Promise<DeadLetter> {
      const order = context.aggregate();
      await context.fill(order, 1);
      const options = context.options(order, { mode, maxDeliver });
      await context.handleAll(options, new Recorder(handler));
      const [letter, ...others] = await context.lettersOf(options);
      expect(others).toEqual([]);
      return letter!;
    }

    it('tells of an event whose attempts failed: what was thrown last, how often it was tried, and the event', async () => {
      const begun = Date.now();
      const order = context.aggregate();
      await context.fill(order, 1);
      const options = context.options(order, { mode, maxDeliver: 3 });
      await context.handleAll(options, () => Promise.reject(new OutOfStock('none left')));
      const [event] = await context.read(order);
      const { position } = event!;
      const id = deadLetterId({ subscription: options.name, ...position });
      const letter = await context.desk.get(id);
      expect(letter).toMatchObject({
        id,
        subscription: options.name,
        kind: 'attempts-exhausted',
        error: { name: 'OutOfStock', message: 'none left', code: 'out-of-stock' },
        attempts: 3,
        redrives: 0,
        redriving: false,
        position,
      });
      expect(letter.reason).toContain('none left');
      expect(letter.error!.stack).toContain('OutOfStock');
      expect(letter.event).toEqual(event);
      expect(Date.parse(letter.deadLetteredAt)).toBeGreaterThanOrEqual(begun - 5_000);
      expect(Date.parse(letter.deadLetteredAt)).toBeLessThanOrEqual(Date.now() + 5_000);
      expect(await context.lettersOf(options)).toEqual([letter]);
    });

    it('tells of an event that the handler rejected', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const options = context.options(order, { mode });
      await context.handleAll(options, (_, told) => told.deadLetter('no such product'));
      const [letter] = await context.lettersOf(options);
      expect(letter).toMatchObject({ kind: 'rejected', attempts: 1, redrives: 0 });
      expect(letter!.reason).toContain('no such product');
    });

    it('tells what was thrown, whatever it was', async () => {
      const thrown: [thrown: unknown, error: object][] = [
        ['a text', { name: 'string', message: 'a text' }],
        [undefined, { name: 'undefined' }],
        [{ status: 500 }, { name: 'object', message: '{"status":500}' }],
        [new Error(''), { name: 'Error', message: '' }],
        [new Error('Zeile\r\nEnde: ä, 漢, \u0000'), { name: 'Error', message: 'Zeile\r\nEnde: ä, 漢, \u0000' }],
      ];
      for (const [value, error] of thrown) {
        const letter = await letterOf(() => Promise.reject(value as Error), 1);
        expect(letter.error).toMatchObject(error);
        expect(letter.kind).toBe('attempts-exhausted');
      }
    });

    it('takes little of an error that is long', async () => {
      const { error, reason } = await letterOf(() => Promise.reject(new Error('ä'.repeat(100_000))));
      expect(error!.message.length).toBeLessThanOrEqual(2_000);
      expect(reason.length).toBeLessThanOrEqual(2_500);
      expect(JSON.stringify(error).length).toBeLessThanOrEqual(10_000);
    });

    it('is there as soon as the event counts as given up', async () => {
      const order = context.aggregate();
      const options = context.options(order, { mode });
      const active = await context.subscribe(options, (_, told) => told.deadLetter('no'));
      await context.append(order, numbered(1));
      await eventually(() => active.counts.deadLettered === 1);
      expect(await context.desk.count({ subscription: options.name })).toBe(1);
    });

    it('is one for each subscription that gave the event up', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const all = [context.options(order, { mode }), context.options(order, { mode })];
      for (const options of all) await context.handleAll(options, (_, told) => told.deadLetter(options.name));
      for (const options of all) {
        expect(await context.lettersOf(options)).toMatchObject([{ subscription: options.name, reason: options.name }]);
      }
    });

    it('is kept of an event without aggregate, and holds up no other', async () => {
      const tenantId = context.unique('tenant');
      const recorder = new Recorder((one, told) => {
        if (recorder.deliveries.length === 1) told.deadLetter(one.messageId);
      });
      const options = context.options({ tenantId }, { mode });
      for (const n of [1, 2, 3]) await context.store.appendAll([{ tenantId, events: numbered(1, n) }]);
      await context.handleAll({ ...options, concurrency: 1 }, recorder);
      expect(recorder.numbers).toEqual([1, 2, 3]);
      expect(await context.lettersOf(options)).toMatchObject([{ kind: 'rejected', event: { data: { n: 1 } } }]);
    });
  });

  describe.each([
    ['a shared subscription', { mode: 'shared' }],
    ['an ordered one that is to continue', { mode: 'ordered', onDeadLetter: 'continue' }],
  ] as const)('%s', (_, mode) => {
    it('handles later events of an aggregate all the same', async () => {
      const { options, recorder } = await context.rejecting(4, { ...mode, concurrency: 1 }, [2]);
      expect(recorder.numbers).toEqual([1, 2, 3, 4]);
      expect(await context.numbersOf(options)).toEqual([2]);
      expect(await context.operator.get(options.name)).toMatchObject({ deadLetters: 1, parkedAggregates: 0 });
    });
  });
}
