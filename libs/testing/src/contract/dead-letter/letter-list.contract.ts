import { describe, expect, it } from '@jest/globals';
import type { DeadLetter, DeadLetterSelection } from '@annals/core';
import { event, range } from '../contract-context.ts';
import { type LetterContext, numberOf } from './letter-context.ts';

/** Looking at dead letters. */
export function letterListContract(context: LetterContext): void {
  describe('the list of dead letters', () => {
    it('has them oldest first, page by page', async () => {
      const { options } = await context.rejecting(23, { concurrency: 1 });
      const selection = { subscription: options.name };
      const pages: (readonly DeadLetter[])[] = [];
      let cursor: string | undefined;
      do {
        const page = await context.desk.list(selection, { limit: 10, cursor });
        pages.push(page.letters);
        cursor = page.nextCursor;
      } while (cursor !== undefined && pages.length < 10);
      expect(pages.map(({ length }) => length)).toEqual([10, 10, 3]);
      expect(pages.flat().map(numberOf)).toEqual(range(1, 23));
      expect(await context.lettersOf(options)).toEqual(pages.flat());
    });

    it('ends with a full page where no letter is left', async () => {
      const { options } = await context.rejecting(4, { concurrency: 1 });
      const first = await context.desk.list({ subscription: options.name }, { limit: 4 });
      expect(first.letters).toHaveLength(4);
      if (first.nextCursor === undefined) return;
      const { nextCursor } = first;
      expect(await context.desk.list({ subscription: options.name }, { cursor: nextCursor })).toEqual({ letters: [] });
    });

    it('goes on behind letters that were purged', async () => {
      const { options } = await context.rejecting(6, { concurrency: 1 });
      const selection = { subscription: options.name };
      const { letters, nextCursor } = await context.desk.list(selection, { limit: 3 });
      await context.desk.purge({ ids: letters.map(({ id }) => id) });
      const rest = await context.desk.list(selection, { limit: 10, cursor: nextCursor });
      expect(rest.letters.map(numberOf)).toEqual([4, 5, 6]);
    });

    it('has at most 100 on a page unless asked for more', async () => {
      const { options } = await context.rejecting(105, { concurrency: 1 });
      expect((await context.desk.list({ subscription: options.name })).letters).toHaveLength(100);
      expect((await context.desk.list({ subscription: options.name }, { limit: 105 })).letters).toHaveLength(105);
    });

    it('and the count are of what is selected', async () => {
      const { tenantId } = context.aggregate();
      const options = context.options({ tenantId }, { mode: 'ordered', onDeadLetter: 'continue', concurrency: 1 });
      const types = ['order.placed', 'order.paid', 'user.created', 'order.item.added'];
      for (const n of range(1, 12)) {
        const ref = { tenantId, type: n % 3 === 0 ? 'user' : 'order', id: String(n % 2) };
        await context.append(ref, event(types[n % 4], { n }));
      }
      await context.handleAll({ ...options, maxDeliver: 1 }, ({ version }, told) => {
        if (version === 1) throw new Error('no');
        told.deadLetter('no');
      });
      const all = await context.lettersOf(options);
      expect(all).toHaveLength(12);
      const cases: [selection: DeadLetterSelection, means: (letter: DeadLetter) => boolean][] = [
        [{ tenantId }, () => true],
        [{ tenantId: context.unique('tenant') }, () => false],
        [{ aggregateType: 'user' }, ({ event }) => event!.aggregateType === 'user'],
        [{ aggregateId: '1' }, ({ event }) => event!.aggregateId === '1'],
        [{ eventTypes: ['order.*'] }, ({ event }) => ['order.placed', 'order.paid'].includes(event!.type)],
        [{ eventTypes: ['order.>', 'user.created'] }, () => true],
        [{ kinds: ['attempts-exhausted'] }, ({ event }) => event!.version === 1],
        [{ kinds: ['rejected', 'attempts-exhausted'] }, () => true],
        [{ kinds: ['unreadable'] }, () => false],
        [{ ids: [all[3]!.id, all[7]!.id] }, ({ id }) => id === all[3]!.id || id === all[7]!.id],
        [{ ids: [all[3]!.id], aggregateId: 'x' }, () => false],
        [{ deadLetteredFrom: all[5]!.deadLetteredAt }, (one) => one.deadLetteredAt >= all[5]!.deadLetteredAt],
        [{ deadLetteredTo: all[5]!.deadLetteredAt }, (one) => one.deadLetteredAt <= all[5]!.deadLetteredAt],
        [{ deadLetteredFrom: '2100-01-01T00:00:00+01:00' }, () => false],
        [
          { aggregateType: 'order', aggregateId: '0', kinds: ['rejected'] },
          ({ event }) => event!.aggregateType === 'order' && event!.aggregateId === '0' && event!.version! > 1,
        ],
      ];
      for (const [selection, means] of cases) {
        const expected = all.filter(means).map(({ id }) => id);
        expect((await context.lettersOf(options, selection)).map(({ id }) => id)).toEqual(expected);
        expect(await context.desk.count({ subscription: options.name, ...selection })).toBe(expected.length);
      }
    });

    it('of a subscription that has none is empty', async () => {
      const subscription = context.unique('nobody');
      expect(await context.desk.list({ subscription })).toEqual({ letters: [] });
      expect(await context.desk.count({ subscription })).toBe(0);
    });

    it('and the count may be of the whole store', async () => {
      const before = await context.desk.count();
      await context.rejecting(2);
      expect(await context.desk.count()).toBe(before + 2);
      expect((await context.desk.list()).letters.length).toBeGreaterThanOrEqual(2);
    });

    it.each([
      [{ limit: 0 }, 'limit'],
      [{ limit: 1_001 }, 'limit'],
      [{ limit: 1.5 }, 'limit'],
      [{ limit: Number.NaN }, 'limit'],
      [{ cursor: '' }, 'cursor'],
      [{ cursor: 'what?' }, 'cursor'],
      [{ cursor: `${'9'.repeat(400)}` }, 'cursor'],
    ])('is refused with %p', async (page, path) => {
      const listing = context.desk.list({ subscription: context.unique('nobody') }, page);
      await expect(listing).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path }] });
    });
  });

  describe('a selection of dead letters', () => {
    const hostile: [name: string, selection: Record<string, unknown>, path: string][] = [
      ['ids that are no list', { ids: 'a/EVENTS/1' }, 'ids'],
      ['no ids', { ids: [] }, 'ids'],
      ['1,001 ids', { ids: Array(1_001).fill('a/EVENTS/1') }, 'ids'],
      ['an id that is none', { ids: ['a/EVENTS/1', 'a/EVENTS/0'] }, 'ids.1'],
      ['an id of a hostile stream', { ids: ['a/EV*NTS.>/1'] }, 'ids.0'],
      ['a subscription that cannot be', { subscription: 'a b' }, 'subscription'],
      ['a subscription that is a wildcard', { subscription: '*' }, 'subscription'],
      ['kinds that are none', { kinds: ['lost'] }, 'kinds'],
      ['kinds that are no list', { kinds: 'parked' }, 'kinds'],
      ['an empty tenant', { tenantId: '' }, 'tenantId'],
      ['no types', { eventTypes: [] }, 'eventTypes'],
      ['a pattern that is none', { eventTypes: ['>.a'] }, 'eventTypes.0'],
      ['a time that is none', { deadLetteredFrom: 'noon' }, 'deadLetteredFrom'],
      [
        'an end before its beginning',
        { deadLetteredFrom: '2024-01-02T00:00:00Z', deadLetteredTo: '2024-01-01T00:00:00Z' },
        'deadLetteredFrom',
      ],
      ['an unknown field', { subscripton: 'mail' }, 'subscripton'],
    ];

    it.each(hostile)('with %s is refused, whatever is to be done with it', async (_, wrong, path) => {
      const selection = wrong as DeadLetterSelection;
      const calls: (() => Promise<unknown>)[] = [
        () => context.desk.list(selection),
        () => context.desk.count(selection),
        () => context.desk.redrive(selection),
        () => context.desk.purge(selection),
      ];
      for (const call of calls) {
        await expect(call()).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path }] });
      }
    });
  });

  describe('a dead letter', () => {
    it('that is not there is not found', async () => {
      const id = `${context.unique('nobody')}/EVENTS/7`;
      await expect(context.desk.get(id)).rejects.toMatchObject({ code: 'dead-letter-not-found', id });
    });

    it.each([
      '',
      'mail',
      'mail/EVENTS',
      'mail/EVENTS/0',
      'mail/EVENTS/-1',
      'mail/EVENTS/1/2',
      'mail/>/1',
      '*/EVENTS/1',
    ])('cannot be asked for by %p', async (id) => {
      await expect(context.desk.get(id)).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path: 'id' }] });
    });
  });
}
