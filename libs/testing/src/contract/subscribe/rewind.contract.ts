import { describe, expect, it } from '@jest/globals';
import type { RecordedEvent, RewindPreview, StartFrom } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { event, numbered, range } from '../contract-context.ts';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext } from './subscription-context.ts';

/** Setting a subscription to another place. */
export function rewindContract(context: SubscriptionContext): void {
  describe.each(['shared', 'ordered'] as const)('setting back in mode %s', (mode) => {
    it('hands over again what it said it would, also to handlers that are at work', async () => {
      const order = context.aggregate();
      await context.fill(order, 5);
      const recorder = new Recorder();
      const options = context.options(order, { mode });
      await context.subscribe(options, recorder);
      await context.idle(options);
      const { position } = (await context.read(order))[1]!;
      const before = await context.operator.previewRewind(options.name, { after: position });
      expect(before).toMatchObject({ events: 3, again: 3, skipped: 0 });
      expect(recorder.numbers).toHaveLength(5);
      expect(await context.operator.rewind(options.name, { after: position })).toEqual(before);
      await context.got(recorder, 8);
      await context.idle(options);
      expect(recorder.numbers.slice(5).sort()).toEqual([3, 4, 5]);
      expect(recorder.deliveries.map(({ cause }) => cause)).toEqual(Array(8).fill('subscription'));
    });

    it.each<[name: string, to: (stored: readonly RecordedEvent[]) => StartFrom, first: number]>([
      ['the beginning', () => 'beginning', 1],
      ['a position', (stored) => ({ after: stored[2]!.position }), 4],
      ['a list of positions', (stored) => ({ after: [stored[3]!.position] }), 5],
      ['an empty list of positions', () => ({ after: [] }), 1],
      ['a time long ago', () => ({ recordedFrom: '2000-01-01T00:00:00Z' }), 1],
    ])('to %s tells and does the same, for who subscribes later', async (_, to, first) => {
      const order = context.aggregate();
      await context.fill(order, 6);
      const options = context.options(order, { mode });
      await context.handleAll(options, new Recorder());
      await context.append(order, numbered(2, 7));
      const stored = await context.read(order);
      const target = to(stored);
      const expected = range(first, 8);
      const preview = await context.operator.previewRewind(options.name, target);
      expect(preview).toMatchObject({ events: expected.length, again: expected.length - 2, skipped: 0 });
      const place = placeIn(preview, stored);
      expect(place).toBeLessThanOrEqual(stored[first - 1]!.position.sequence);
      expect(place).toBeGreaterThan(first === 1 ? 0 : stored[first - 2]!.position.sequence);
      expect(await context.operator.rewind(options.name, target)).toEqual(preview);
      const recorder = new Recorder();
      await context.handleAll(options, recorder);
      expect(recorder.sorted).toEqual(expected);
    });

    it('counts only what the filter means', async () => {
      const order = context.aggregate();
      await context.append(
        order,
        range(1, 6).map((n) => event(n % 2 ? 'order.odd' : 'order.even', { n })),
      );
      const filter = { tenantId: order.tenantId, eventTypes: ['order.odd', '*.odd'] };
      const options = context.options(order, { mode, filter });
      await context.handleAll(options, new Recorder());
      const preview = await context.operator.rewind(options.name, 'beginning');
      expect(preview).toMatchObject({ events: 3, again: 3, skipped: 0 });
      const recorder = new Recorder();
      await context.handleAll(options, recorder);
      expect(recorder.sorted).toEqual([1, 3, 5]);
    });

    it('forward skips what it said it would', async () => {
      const order = context.aggregate();
      await context.fill(order, 4);
      const options = context.options(order, { mode });
      await context.operator.create(options);
      const { position } = (await context.read(order))[1]!;
      const ahead = await context.operator.rewind(options.name, { after: position });
      expect(ahead).toMatchObject({ events: 2, again: 0, skipped: 2 });
      const now = await context.operator.rewind(options.name, 'now');
      expect(now).toMatchObject({ events: 0, again: 0, skipped: 2 });
      await context.append(order, numbered(1, 5));
      const recorder = new Recorder();
      await context.handleAll(options, recorder);
      expect(recorder.sorted).toEqual([5]);
    });

    it('counts attempts anew', async () => {
      const order = context.aggregate();
      await context.fill(order, 1);
      const recorder = new Recorder(() => Promise.reject(new Error('not now')));
      const options = context.options(order, { mode, maxDeliver: 10, backoffMs: [0, 3_600_000] });
      const active = await context.subscribe(options, recorder);
      await eventually(() => active.counts.retried === 2);
      await context.operator.rewind(options.name, 'beginning');
      await context.got(recorder, 4);
      expect(recorder.deliveries.map(({ attempt }) => attempt)).toEqual([1, 2, 1, 2]);
    });

    it.each<[name: string, to: unknown, path: string]>([
      ['a word', 'yesterday', 'to'],
      ['nothing', undefined, 'to'],
      ['a position that is none', { after: { stream: '', sequence: -1 } }, 'to.after.stream'],
      ['a time that is none', { recordedFrom: 'noon' }, 'to.recordedFrom'],
    ])('to %s is refused', async (_, to, path) => {
      const options = context.options(context.aggregate(), { mode });
      await context.operator.create(options);
      for (const call of ['previewRewind', 'rewind'] as const) {
        const calling = context.operator[call](options.name, to as StartFrom);
        const errors = expect.arrayContaining([expect.objectContaining({ path })]);
        await expect(calling).rejects.toMatchObject({ code: 'validation-failed', errors });
      }
    });
  });
}

/** Where the stream of these events would go on. */
function placeIn(preview: RewindPreview, stored: readonly RecordedEvent[]): number {
  return preview.from.find(({ stream }) => stream === stored[0]!.position.stream)!.sequence;
}
