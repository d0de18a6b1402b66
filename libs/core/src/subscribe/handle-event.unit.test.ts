import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RecordedEvent } from '../event/event-message.ts';
import type { EventHandler, HandlerContext } from './event-handler.ts';
import { type Delivery, EventHandling, type HandlingOutcome } from './handle-event.ts';
import { SubscriptionEnded } from './subscription-ended.ts';

const TIMEOUT_MS = 1_000;
const DAY_MS = 86_400_000;
const definition = { name: 'mail', maxDeliver: 3, backoffMs: [10, 20] };
const event = { type: 'user.created', data: {}, position: { stream: 'EVENTS', sequence: 7 } } as RecordedEvent;
const handled: HandlingOutcome = { type: 'handled' };

function handle(handler: EventHandler, delivery: Partial<Delivery> = {}): HandlingOutcome | Promise<HandlingOutcome> {
  const handling = new EventHandling(definition, handler, TIMEOUT_MS);
  return handling.handle(event, { attempt: 1, cause: 'subscription', ...delivery });
}

/** A handler's context, and its promise to be settled from outside. */
function pending() {
  const parts = {} as { context: HandlerContext; resolve: () => void; reject: (reason: unknown) => void };
  const handler: EventHandler = (_, context) =>
    new Promise<void>((resolve, reject) => Object.assign(parts, { context, resolve, reject }));
  return { handler, parts };
}

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  expect(jest.getTimerCount()).toBe(0);
  jest.useRealTimers();
});

describe('an attempt', () => {
  it.each<[way: string, handler: (ended: SubscriptionEnded) => unknown]>([
    [
      'throws',
      (ended) => {
        throw ended;
      },
    ],
    ['rejects', (ended) => Promise.reject(ended)],
  ])('whose handler %s that the subscription is to end settles nothing', async (_, handler) => {
    const error = new Error('no way on');
    const onEnded = jest.fn();
    const handling = new EventHandling(definition, () => handler(new SubscriptionEnded(error)), TIMEOUT_MS, onEnded);
    expect(await handling.handle(event, { attempt: 3, cause: 'subscription' })).toEqual({ type: 'abandoned' });
    expect(onEnded.mock.calls).toEqual([[error]]);
  });

  it('that returns is handled, at once', () => {
    for (const result of [undefined, null, 7, false, {}, { then: 7 }]) expect(handle(() => result)).toEqual(handled);
  });

  it('whose promise is fulfilled is handled', async () => {
    expect(await handle(async () => 'anything')).toEqual(handled);
    expect(await handle(() => ({ then: (done: () => void) => done() }))).toEqual(handled);
  });

  it.each<[way: string, handler: EventHandler]>([
    [
      'throws',
      () => {
        throw new TypeError('not now');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('not now'))],
    [
      'rejects in a way of its own',
      () => ({ then: (_: unknown, fail: (e: Error) => void) => fail(new TypeError('not now')) }),
    ],
    [
      'returns a promise that throws',
      () => ({
        then: () => {
          throw new TypeError('not now');
        },
      }),
    ],
    [
      'returns what throws when it is looked at',
      () => ({
        get then() {
          throw new TypeError('not now');
        },
      }),
    ],
  ])('that %s is repeated after the backoff, and at last becomes a dead letter', async (_, handler) => {
    const error = expect.objectContaining({ name: 'TypeError', message: 'not now' });
    const outcomes: HandlingOutcome[] = [];
    for (const attempt of [1, 2, 3, 4]) outcomes.push(await handle(handler, { attempt }));
    expect(outcomes).toEqual([
      { type: 'retry', delayMs: 10, reason: 'not now', error },
      { type: 'retry', delayMs: 20, reason: 'not now', error },
      { type: 'dead-letter', kind: 'attempts-exhausted', reason: 'not now', error },
      { type: 'dead-letter', kind: 'attempts-exhausted', reason: 'not now', error },
    ]);
  });

  it('that throws what cannot be described is an attempt that failed', () => {
    const thrown: unknown = Object.create(null);
    const outcome = handle(() => {
      throw thrown;
    });
    expect(outcome).toMatchObject({ type: 'retry', error: { name: 'object' } });
  });

  it('tells the handler what it is about', () => {
    const told: Partial<HandlerContext>[] = [];
    const handler: EventHandler = (_, { subscription, attempt, position, cause, replayId }) => {
      told.push({ subscription, attempt, position, cause, ...(replayId !== undefined && { replayId }) });
    };
    expect(handle(handler, { attempt: 2 })).toEqual(handled);
    expect(handle(handler, { cause: 'replay', replayId: 'r1' })).toEqual(handled);
    expect(told).toEqual([
      { subscription: 'mail', attempt: 2, position: event.position, cause: 'subscription' },
      { subscription: 'mail', attempt: 1, position: event.position, cause: 'replay', replayId: 'r1' },
    ]);
  });

  it('has no replay in its context where none asks for it', () => {
    let known: boolean | undefined;
    expect(handle((_, context) => void (known = 'replayId' in context))).toEqual(handled);
    expect(known).toBe(false);
  });
});

describe('a handler', () => {
  it('can ask for another attempt, soon or later', () => {
    const reason = 'the handler asked for another attempt';
    expect(handle((_, { retry }) => retry())).toEqual({ type: 'retry', delayMs: 10, reason });
    expect(handle((_, { retry }) => retry(), { attempt: 2 })).toEqual({ type: 'retry', delayMs: 20, reason });
    expect(handle((_, { retry }) => retry({ delayMs: 0, reason: 'too early' }))).toEqual({
      type: 'retry',
      delayMs: 0,
      reason: 'too early',
    });
  });

  it.each([
    [-5, 0],
    [Infinity, DAY_MS],
    [DAY_MS + 1, DAY_MS],
    [Number.NaN, 10],
  ])('that asks for one after %p ms gets it after %p ms', (delayMs, given) => {
    expect(handle((_, { retry }) => retry({ delayMs }))).toMatchObject({ delayMs: given });
  });

  it('that asks for another attempt after the last one makes a dead letter', () => {
    const outcome = handle((_, { retry }) => retry({ delayMs: 5, reason: 'too early' }), { attempt: 3 });
    expect(outcome).toEqual({ type: 'dead-letter', kind: 'attempts-exhausted', reason: 'too early' });
  });

  it('can make a dead letter at the first attempt', async () => {
    const rejected = { type: 'dead-letter', kind: 'rejected', reason: 'no such product' };
    expect(handle((_, { deadLetter }) => deadLetter('no such product'))).toEqual(rejected);
    expect(await handle(async (_, context) => context.deadLetter('no such product'))).toEqual(rejected);
  });

  it('gives reasons in bounded length', () => {
    const long = 'x'.repeat(100_000);
    for (const handler of [
      (_: unknown, context: HandlerContext) => context.deadLetter(long),
      (_: unknown, context: HandlerContext) => context.retry({ reason: long }),
    ]) {
      expect((handle(handler) as { reason: string }).reason).toHaveLength(2_000);
    }
  });

  it('that says something and then throws means what it said, for the reason that it threw', () => {
    const failing = (say: (context: HandlerContext) => void) =>
      handle((_, context) => {
        say(context);
        throw new Error('of the handler');
      });
    const error = expect.objectContaining({ message: 'of the handler' });
    expect(failing(({ deadLetter }) => deadLetter('no'))).toEqual({
      type: 'dead-letter',
      kind: 'rejected',
      reason: 'no',
      error,
    });
    expect(failing(({ retry }) => retry({ delayMs: 5 }))).toEqual({
      type: 'retry',
      delayMs: 5,
      reason: 'of the handler',
      error,
    });
  });

  it('that says two things means the last one', () => {
    const outcome = handle((_, { retry, deadLetter }) => {
      deadLetter('no');
      retry({ delayMs: 5 });
    });
    expect(outcome).toMatchObject({ type: 'retry', delayMs: 5 });
  });
});

describe('the time of an attempt', () => {
  it('is over after the limit: the signal is aborted and the attempt failed', async () => {
    const { handler, parts } = pending();
    const outcome = handle(handler);
    const { signal } = parts.context;
    jest.advanceTimersByTime(TIMEOUT_MS - 1);
    expect(signal.aborted).toBe(false);
    jest.advanceTimersByTime(1);
    expect(signal.reason).toMatchObject({ code: 'handler-timed-out', subscription: 'mail', timeoutMs: TIMEOUT_MS });
    expect(await outcome).toMatchObject({ type: 'retry', delayMs: 10, error: { code: 'handler-timed-out' } });
  });

  it('makes a dead letter when it is over at the last attempt', async () => {
    const outcome = handle(pending().handler, { attempt: 3 });
    jest.advanceTimersByTime(TIMEOUT_MS);
    expect(await outcome).toMatchObject({ type: 'dead-letter', kind: 'attempts-exhausted' });
  });

  it('counts also where the handler obeys the signal', async () => {
    const outcome = handle(
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('I was told to')));
        }),
    );
    jest.advanceTimersByTime(TIMEOUT_MS);
    expect(await outcome).toMatchObject({ type: 'retry', error: { name: 'HandlerTimedOut' } });
  });

  it('tells a handler that looks at the signal only afterwards', async () => {
    const { handler, parts } = pending();
    const outcome = handle(handler);
    jest.advanceTimersByTime(TIMEOUT_MS);
    await outcome;
    expect(parts.context.signal.aborted).toBe(true);
  });

  it('begins anew when the handler extends it, and the server is told', async () => {
    const { handler, parts } = pending();
    const onExtend = jest.fn();
    const outcome = handle(handler, { onExtend });
    for (let i = 0; i < 5; i++) {
      jest.advanceTimersByTime(TIMEOUT_MS - 1);
      parts.context.extend();
    }
    expect(onExtend).toHaveBeenCalledTimes(5);
    expect(parts.context.signal.aborted).toBe(false);
    parts.resolve();
    expect(await outcome).toEqual(handled);
  });

  it('cannot be extended once the attempt has ended', async () => {
    const { handler, parts } = pending();
    const onExtend = jest.fn();
    const outcome = handle(handler, { onExtend });
    parts.resolve();
    await outcome;
    parts.context.extend();
    expect(onExtend).not.toHaveBeenCalled();
  });

  it('does not matter to a handler that has said what it has to say too late', async () => {
    const { handler, parts } = pending();
    const outcome = handle(handler);
    jest.advanceTimersByTime(TIMEOUT_MS);
    parts.context.deadLetter('too late');
    parts.resolve();
    expect(await outcome).toMatchObject({ type: 'retry' });
  });
});

describe('abandoning', () => {
  it('ends what runs, whatever comes of it later', async () => {
    const parts = [pending(), pending()];
    const handling = new EventHandling(
      definition,
      (one, context) => parts[context.attempt]!.handler(one, context),
      TIMEOUT_MS,
    );
    const outcomes = [0, 1].map((attempt) => handling.handle(event, { attempt, cause: 'subscription' }));
    const reason = new Error('stopped');
    handling.abandon(reason);
    parts[0]!.parts.resolve();
    parts[1]!.parts.reject(new Error('late'));
    for (const outcome of outcomes) expect(await outcome).toEqual({ type: 'abandoned' });
    for (const { parts: one } of parts) expect(one.context.signal.reason).toBe(reason);
  });

  it('leaves alone what has ended, and what begins later', async () => {
    const signals: AbortSignal[] = [];
    const handling = new EventHandling(
      definition,
      async (_, { signal }) => {
        signals.push(signal);
      },
      TIMEOUT_MS,
    );
    await handling.handle(event, { attempt: 1, cause: 'subscription' });
    handling.abandon(new Error('stopped'));
    expect(await handling.handle(event, { attempt: 1, cause: 'subscription' })).toEqual(handled);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false]);
  });
});
