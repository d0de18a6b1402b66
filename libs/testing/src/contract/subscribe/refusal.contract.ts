import { describe, expect, it } from '@jest/globals';
import type { EventHandler, ValidationProblem } from '@annals/core';
import { Recorder } from './recorder.ts';
import type { SubscriptionContext, TestOptions } from './subscription-context.ts';

/** Options that are refused before anything is made. */
export function refusalContract(context: SubscriptionContext): void {
  describe('a subscription is refused', () => {
    it.each<[name: string, options: Record<string, unknown>, path: string]>([
      ['an empty name', { name: '' }, 'name'],
      ['a name with a space', { name: 'a b' }, 'name'],
      ['a name with a slash', { name: 'a/b' }, 'name'],
      ['a name with a wildcard', { name: 'a.*' }, 'name'],
      ['a name with an umlaut', { name: 'ä' }, 'name'],
      ['a name with a line break at its end', { name: 'a\n' }, 'name'],
      ['a name of 101 characters', { name: 'a'.repeat(101) }, 'name'],
      ['a name that is no text', { name: 7 }, 'name'],
      ['an unknown mode', { mode: 'fast' }, 'mode'],
      ['no attempt', { maxDeliver: 0 }, 'maxDeliver'],
      ['half an attempt', { maxDeliver: 1.5 }, 'maxDeliver'],
      ['too many attempts', { maxDeliver: 1_001 }, 'maxDeliver'],
      ['attempts as text', { maxDeliver: '5' }, 'maxDeliver'],
      ['an empty backoff', { backoffMs: [] }, 'backoffMs'],
      ['a negative backoff', { backoffMs: [-1] }, 'backoffMs'],
      ['a backoff that is no number', { backoffMs: [Number.NaN] }, 'backoffMs'],
      ['a backoff of more than a day', { backoffMs: [86_400_001] }, 'backoffMs'],
      ['a backoff of 21 steps', { backoffMs: Array(21).fill(1) }, 'backoffMs'],
      ['a backoff that is no list', { backoffMs: 5 }, 'backoffMs'],
      ['an unknown policy', { mode: 'ordered', onDeadLetter: 'drop' }, 'onDeadLetter'],
      ['parking without order', { mode: 'shared', onDeadLetter: 'park' }, 'onDeadLetter'],
      ['an unknown start', { from: 'yesterday' }, 'from'],
      ['a start with a time that is none', { from: { recordedFrom: 'noon' } }, 'from.recordedFrom'],
      ['a filter that is none', { filter: 'user.*' }, 'filter'],
      ['a filter with an unknown field', { filter: { fromTimestamp: '2024-01-01T00:00:00Z' } }, 'filter.fromTimestamp'],
      ['an empty tenant', { filter: { tenantId: '' } }, 'filter.tenantId'],
      ['no types', { filter: { eventTypes: [] } }, 'filter.eventTypes'],
      ['101 types', { filter: { eventTypes: Array(101).fill('a') } }, 'filter.eventTypes'],
      ['a pattern that is none', { filter: { eventTypes: ['user.>.x'] } }, 'filter.eventTypes.0'],
    ])('with %s', async (_, wrong, path) => {
      const options = { ...context.options(context.aggregate()), ...wrong } as TestOptions;
      for (const call of [() => context.subscribe(options, () => {}), () => context.operator.create(options)]) {
        expect(await problemsOf(call)).toEqual([path]);
      }
    });

    it.each<[name: string, options: Record<string, unknown>, path: string]>([
      ['no handler at a time', { concurrency: 0 }, 'concurrency'],
      ['too many handlers at a time', { concurrency: 10_001 }, 'concurrency'],
      ['half a handler', { concurrency: 0.5 }, 'concurrency'],
      ['too little time', { handlerTimeoutMs: 9 }, 'handlerTimeoutMs'],
      ['endless time', { handlerTimeoutMs: Infinity }, 'handlerTimeoutMs'],
    ])('by a process with %s, which makes nothing', async (_, wrong, path) => {
      const options = { ...context.options(context.aggregate()), ...wrong };
      expect(await problemsOf(() => context.subscribe(options, () => {}))).toEqual([path]);
      await expect(context.operator.get(options.name)).rejects.toMatchObject({ code: 'subscription-not-found' });
    });

    it('without a handler, which makes nothing', async () => {
      const options = context.options(context.aggregate());
      for (const handler of [undefined, null, {}, 'handler']) {
        const call = () => context.subscribe(options, handler as unknown as EventHandler);
        expect(await problemsOf(call)).toEqual(['handler']);
      }
      await expect(context.operator.get(options.name)).rejects.toMatchObject({ code: 'subscription-not-found' });
    });

    it('with a place in a stream that the store has not, which would mean its beginning', async () => {
      const options = context.options(context.aggregate());
      const nowhere = { after: { stream: 'MISSPELT', sequence: 3 } };
      expect(await problemsOf(() => context.operator.create({ ...options, from: nowhere }))).toEqual(['from.after']);
      const subscribing = () => context.subscribe({ ...options, from: nowhere }, new Recorder());
      expect(await problemsOf(subscribing)).toEqual(['from.after']);
      await context.operator.create(options);
      expect(await problemsOf(() => context.operator.previewRewind(options.name, nowhere))).toEqual(['to.after']);
      expect(await problemsOf(() => context.operator.rewind(options.name, nowhere))).toEqual(['to.after']);
    });

    it('with all that is wrong with it at once', async () => {
      const options = {
        name: '',
        mode: 'fast',
        maxDeliver: 0,
        backoffMs: [],
        onDeadLetter: 'drop',
        from: 'noon',
        filter: { tenantId: '', aggregateType: '', eventTypes: ['a b'] },
        concurrency: 0,
        handlerTimeoutMs: 0,
      } as unknown as TestOptions;
      const call = () => context.subscribe(options, undefined as unknown as EventHandler);
      expect((await problemsOf(call)).sort()).toEqual(
        [
          ...['name', 'mode', 'maxDeliver', 'backoffMs', 'onDeadLetter', 'from', 'concurrency', 'handlerTimeoutMs'],
          ...['filter.tenantId', 'filter.aggregateType', 'filter.eventTypes.0', 'handler'],
        ].sort(),
      );
    });
  });

  /** The paths of what a call is refused for. */
  async function problemsOf(call: () => Promise<unknown>): Promise<string[]> {
    const refusal = await call().then(
      () => undefined,
      (error: unknown) => error as { code: string; errors: readonly ValidationProblem[] },
    );
    expect(refusal?.code).toBe('validation-failed');
    return refusal!.errors.map(({ path }) => path);
  }
}
