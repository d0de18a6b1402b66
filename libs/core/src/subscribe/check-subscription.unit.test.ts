import { describe, expect, it } from '@jest/globals';
import type { ValidationProblem } from '../error/validation-error.ts';
import {
  MAX_SUBSCRIPTION_NAME,
  checkHandling,
  checkSubscribe,
  checkSubscription,
  checkSubscriptionName,
  subscriptionNameProblem,
} from './check-subscription.ts';
import type { EventHandler } from './event-handler.ts';
import {
  HANDLING_DEFAULTS,
  type HandlingOptions,
  SUBSCRIPTION_DEFAULTS,
  type SubscriptionOptions,
  backoffAfter,
} from './subscription-options.ts';

const DAY_MS = 86_400_000;

describe('the name of a subscription', () => {
  it.each(['a', 'welcome-mail', 'users.v2:mail_1', 'A', '...', '.a', '-', 'x'.repeat(MAX_SUBSCRIPTION_NAME)])(
    'may be %p',
    (name) => {
      expect(subscriptionNameProblem(name)).toBeUndefined();
      expect(() => checkSubscriptionName(name)).not.toThrow();
    },
  );

  it.each([
    '',
    ' ',
    '.',
    '..',
    'a b',
    'a/b',
    'a*',
    '>',
    'ä',
    'a\n',
    '\na',
    'a\u0000',
    'x'.repeat(101),
    7,
    null,
    undefined,
    {},
  ])('must not be %p', (name) => {
    expect(subscriptionNameProblem(name)).toMatch(/^must be/);
    expect(pathsOf(() => checkSubscriptionName(name as string))).toEqual(['name']);
  });
});

describe('checkSubscription', () => {
  it('fills in the defaults', () => {
    const { mode, maxDeliver, backoffMs } = SUBSCRIPTION_DEFAULTS;
    expect(checkSubscription({ name: 'mail' })).toEqual({
      definition: { name: 'mail', filter: {}, mode, maxDeliver, backoffMs, onDeadLetter: 'continue' },
      from: 'beginning',
    });
    expect(checkSubscription({ name: 'mail', mode: 'ordered' }).definition.onDeadLetter).toBe('park');
  });

  it('keeps what was given, and only what it knows', () => {
    const filter = { tenantId: 'acme', aggregateType: 'user', eventTypes: ['user.*', 'user.>'] };
    const options = {
      name: 'mail',
      filter,
      mode: 'ordered',
      maxDeliver: 1_000,
      backoffMs: [0, 0.5, DAY_MS],
      onDeadLetter: 'continue',
    } as const;
    const from = { after: { stream: 'EVENTS', sequence: 7 } };
    const checked = checkSubscription({ ...options, from, concurrency: 3 } as SubscriptionOptions);
    expect(checked).toEqual({ definition: options, from: { after: [from.after] } });
  });

  it('takes options that are undefined for options that are not given', () => {
    const nothing = { filter: undefined, mode: undefined, maxDeliver: undefined, backoffMs: undefined };
    const filter = { tenantId: undefined, aggregateType: undefined, eventTypes: undefined };
    const expected = checkSubscription({ name: 'mail' });
    expect(checkSubscription({ name: 'mail', ...nothing, from: undefined, onDeadLetter: undefined })).toEqual(expected);
    const checked = checkSubscription({ name: 'mail', filter });
    expect(checked.definition.filter).toStrictEqual({});
  });

  it('does not change with what it was made of', () => {
    const backoffMs = [1, 2];
    const { definition } = checkSubscription({ name: 'mail', backoffMs });
    backoffMs.push(3);
    expect(definition.backoffMs).toEqual([1, 2]);
  });

  it.each<[options: Record<string, unknown>, paths: string[]]>([
    [{ name: 'a b' }, ['name']],
    [{ mode: 'fast' }, ['mode']],
    [{ mode: null }, ['mode']],
    [{ maxDeliver: 0 }, ['maxDeliver']],
    [{ maxDeliver: 1_001 }, ['maxDeliver']],
    [{ maxDeliver: 2.5 }, ['maxDeliver']],
    [{ maxDeliver: -1 }, ['maxDeliver']],
    [{ maxDeliver: null }, ['maxDeliver']],
    [{ backoffMs: [] }, ['backoffMs']],
    [{ backoffMs: Array(21).fill(1) }, ['backoffMs']],
    [{ backoffMs: [1, -1] }, ['backoffMs']],
    [{ backoffMs: [DAY_MS + 1] }, ['backoffMs']],
    [{ backoffMs: [Number.NaN] }, ['backoffMs']],
    [{ backoffMs: ['1'] }, ['backoffMs']],
    [{ backoffMs: [undefined] }, ['backoffMs']],
    [{ backoffMs: 1 }, ['backoffMs']],
    [{ backoffMs: null }, ['backoffMs']],
    [{ onDeadLetter: 'drop' }, ['onDeadLetter']],
    [{ mode: 'shared', onDeadLetter: 'park' }, ['onDeadLetter']],
    [{ onDeadLetter: 'park' }, ['onDeadLetter']],
    [{ from: 'noon' }, ['from']],
    [{ from: null }, ['from']],
    [{ filter: null }, ['filter']],
    [{ filter: 'user.*' }, ['filter']],
    [{ filter: { aggregateId: '7', fromVersion: 1 } }, ['filter.aggregateId', 'filter.fromVersion']],
    [{ filter: { tenantId: '', aggregateType: 7 } }, ['filter.tenantId', 'filter.aggregateType']],
    [{ filter: { eventTypes: [] } }, ['filter.eventTypes']],
    [{ filter: { eventTypes: 'user.*' } }, ['filter.eventTypes']],
    [{ filter: { eventTypes: ['user.*', '>.x', ''] } }, ['filter.eventTypes.1', 'filter.eventTypes.2']],
    [
      { name: '', mode: 'fast', maxDeliver: 0, backoffMs: [], onDeadLetter: 7, from: 'x', filter: { tenantId: '' } },
      ['name', 'mode', 'maxDeliver', 'backoffMs', 'onDeadLetter', 'from', 'filter.tenantId'],
    ],
  ])('refuses %p with all that is wrong', (options, paths) => {
    expect(pathsOf(() => checkSubscription({ name: 'mail', ...options }))).toEqual(paths);
  });
});

describe('checkHandling', () => {
  it('fills in the defaults, and keeps what was given', () => {
    expect(checkHandling({})).toEqual(HANDLING_DEFAULTS);
    expect(checkHandling({ concurrency: undefined, handlerTimeoutMs: undefined })).toEqual(HANDLING_DEFAULTS);
    const least = { concurrency: 1, handlerTimeoutMs: 10, onUpcastFailure: 'dead-letter' } as const;
    const most = { concurrency: 10_000, handlerTimeoutMs: DAY_MS, onUpcastFailure: 'stop' } as const;
    expect([checkHandling(least), checkHandling(most)]).toEqual([least, most]);
  });

  it.each<[options: Record<string, unknown>, paths: string[]]>([
    [{ concurrency: 0 }, ['concurrency']],
    [{ onUpcastFailure: 'retry' }, ['onUpcastFailure']],
    [{ concurrency: 10_001 }, ['concurrency']],
    [{ concurrency: 1.5 }, ['concurrency']],
    [{ concurrency: Infinity }, ['concurrency']],
    [{ concurrency: '4' }, ['concurrency']],
    [{ handlerTimeoutMs: 9 }, ['handlerTimeoutMs']],
    [{ handlerTimeoutMs: DAY_MS + 1 }, ['handlerTimeoutMs']],
    [{ concurrency: -1, handlerTimeoutMs: Number.NaN }, ['concurrency', 'handlerTimeoutMs']],
  ])('refuses %p', (options, paths) => {
    expect(pathsOf(() => checkHandling(options as HandlingOptions))).toEqual(paths);
  });
});

describe('checkSubscribe', () => {
  it('gives what the two others do', () => {
    const options = { name: 'mail', concurrency: 3 };
    const checked = { ...checkSubscription(options), ...checkHandling(options) };
    expect(checkSubscribe(options, () => {})).toEqual(checked);
  });

  it.each([undefined, null, {}, 'handler'])('refuses %p as a handler', (handler) => {
    const check = () => checkSubscribe({ name: 'mail' }, handler as unknown as EventHandler);
    expect(pathsOf(check)).toEqual(['handler']);
  });

  it('lists the problems of all parts at once', () => {
    const check = () => checkSubscribe({ name: '', concurrency: 0 }, undefined as unknown as EventHandler);
    expect(pathsOf(check)).toEqual(['name', 'concurrency', 'handler']);
  });
});

describe('backoffAfter', () => {
  it('goes through the steps, and stays at the last one', () => {
    const backoffMs = [10, 20, 30];
    expect([1, 2, 3, 4, 1_000].map((attempt) => backoffAfter(attempt, backoffMs))).toEqual([10, 20, 30, 30, 30]);
    expect(backoffAfter(1, [0])).toBe(0);
    expect(backoffAfter(7, [5])).toBe(5);
  });

  it('is none where there are no steps', () => {
    expect(backoffAfter(1, [])).toBe(0);
  });
});

function pathsOf(check: () => unknown): string[] {
  try {
    check();
  } catch (error) {
    expect(error).toMatchObject({ code: 'validation-failed' });
    return (error as { errors: readonly ValidationProblem[] }).errors.map(({ path }) => path);
  }
  throw new Error('it was not refused');
}
