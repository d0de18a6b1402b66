import { jest } from '@jest/globals';
import { type Logger, type RecordedEvent, ValidationError, silentLogger } from '@annals/core';
import { eventually } from '@annals/testing';
import { resolveServiceOptions } from '../options/service-options.ts';
import { EventsService } from '../service/events.service.ts';
import { type EventsOptions, RejectEvent } from '../index.ts';
import { observedStore, lettersIn } from './observed-store.spec-support.ts';
import { RunningSubscriptions } from './running-subscriptions.ts';

function service(options: EventsOptions = {}, logger: Logger = silentLogger) {
  const store = observedStore();
  const running = new RunningSubscriptions(store, logger, 1_000);
  return { store, running, events: new EventsService(store, resolveServiceOptions(options), running) };
}

const types = (events: readonly RecordedEvent[]) => events.map(({ type }) => type);

describe('subscribeToEvents without a name', () => {
  it('hands over every event that is published from then on, in order', async () => {
    const { events, running } = service();
    await events.publishEvent('user.created', {});
    const seen: RecordedEvent[] = [];
    const subscription = await events.subscribeToEvents((event) => void seen.push(event));
    await events.publishEvents([
      { type: 'user.renamed', data: { name: 'a' } },
      { type: 'vendor.created', data: {} },
    ]);
    await eventually(() => seen.length === 2);
    expect(types(seen)).toEqual(['user.renamed', 'vendor.created']);
    expect(seen[0]).toMatchObject({ data: { name: 'a' }, position: { sequence: 2 } });
    expect(subscription.state).toBe('active');
    await eventually(() => subscription.counts.handled === 2);
    await running.stop();
    expect(subscription.state).toBe('stopped');
  });

  it('takes patterns and a place to begin', async () => {
    const { events, running } = service();
    await events.publishEvents(
      ['user.created', 'user.email.changed', 'vendor.created'].map((type) => ({ type, data: {} })),
    );
    const one: RecordedEvent[] = [];
    const more: RecordedEvent[] = [];
    await events.subscribeToEvents('user.*', (event) => void one.push(event), { from: 'beginning' });
    await events.subscribeToEvents(['user.>', 'vendor.*'], (event) => void more.push(event), { from: 'beginning' });
    await eventually(() => more.length === 3);
    expect(types(one)).toEqual(['user.created']);
    await running.stop();
  });

  it('logs what a callback throws or rejects with, and goes on', async () => {
    const error = jest.fn<Logger['error']>();
    const { events, running } = service({}, { ...silentLogger, error });
    const seen: string[] = [];
    await events.subscribeToEvents(({ type }) => {
      seen.push(type);
      if (type === 'a') throw new Error('thrown');
      return type === 'b' ? Promise.reject(new Error('rejected')) : undefined;
    });
    await events.publishEvents(['a', 'b', 'c'].map((type) => ({ type, data: {} })));
    await eventually(() => seen.length === 3);
    expect(error.mock.calls.map(([, fields]) => [fields!['type'], fields!['reason']])).toEqual([
      ['a', 'thrown'],
      ['b', 'rejected'],
    ]);
    await running.stop();
  });

  it('waits for a callback before it hands over the next event', async () => {
    const { events, running } = service();
    const steps: string[] = [];
    await events.subscribeToEvents(async ({ type }) => {
      steps.push(`${type} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      steps.push(`${type} ends`);
    });
    await events.publishEvents(['a', 'b'].map((type) => ({ type, data: {} })));
    await eventually(() => steps.length === 4);
    expect(steps).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    await running.stop();
  });

  it.each(['mode', 'maxDeliver', 'backoffMs', 'onDeadLetter', 'concurrency'])(
    'refuses %s, which needs a name',
    async (option) => {
      const { events } = service();
      const refused = events.subscribeToEvents(() => {}, { [option]: 1 });
      await expect(refused).rejects.toThrow(`${option} needs a name`);
    },
  );
});

describe('subscribeToEvents with a name', () => {
  it('makes a durable subscription, from the first event on', async () => {
    const { store, events, running } = service();
    await events.publishEvent('user.created', {});
    const seen: RecordedEvent[] = [];
    const options = { name: 'mailer', mode: 'ordered', maxDeliver: 3, concurrency: 4 } as const;
    const subscription = await events.subscribeToEvents('user.*', (event) => void seen.push(event), options);
    expect(subscription.name).toBe('mailer');
    expect(store.wanted.get('mailer')).toMatchObject({ ...options, filter: { eventTypes: ['user.*'] } });
    await eventually(() => seen.length === 1);
    await running.stop();
  });

  it('can be called with options first', async () => {
    const { store, events, running } = service();
    await events.subscribeToEvents({ name: 'mailer', filter: { aggregateType: 'user' } }, () => {});
    expect(store.wanted.get('mailer')!.filter).toEqual({ aggregateType: 'user' });
    await running.stop();
  });

  it('makes a rejected event a dead letter at its first attempt', async () => {
    const { store, events, running } = service();
    await events.subscribeToEvents({ name: 'mailer', backoffMs: [0] }, async () => {
      throw new RejectEvent('no such template');
    });
    await events.publishEvent('user.created', {});
    const letters = await lettersIn(store);
    expect(letters[0]).toMatchObject({ kind: 'rejected', reason: 'no such template' });
    await running.stop();
  });

  it('is refused a second time in the same service, until the first has stopped', async () => {
    const { events, running } = service();
    const first = await events.subscribeToEvents({ name: 'mailer' }, () => {});
    await expect(events.subscribeToEvents({ name: 'mailer' }, () => {})).rejects.toThrow(/mailer is subscribed to/);
    await first.stop();
    await expect(events.subscribeToEvents({ name: 'mailer' }, () => {})).resolves.toBeDefined();
    await running.stop();
  });

  it('tells everything that is wrong at once', async () => {
    const { events } = service();
    const wrong = { name: 'a b', nme: 'x' } as never;
    const failure = await events.subscribeToEvents(wrong, 'no function' as never).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ValidationError);
    expect((failure as ValidationError).errors.map(({ path }) => path)).toEqual(['callback', 'nme', 'name']);
  });

  it('logs that a subscription ended, without an unhandled rejection', async () => {
    const error = jest.fn<Logger['error']>();
    const { store, events, running } = service({}, { ...silentLogger, error });
    await events.subscribeToEvents({ name: 'mailer' }, () => {});
    await store.subscriptions.delete('mailer');
    await eventually(() => error.mock.calls.length === 1);
    expect(running.failed.get('mailer')).toMatchObject({ code: 'subscription-not-found' });
  });
});

describe('the tenant of subscriptions', () => {
  const filterOf = async (options: EventsOptions, filter?: { tenantId: string }) => {
    const { store, events, running } = service(options);
    await events.subscribeToEvents({ name: 'x', ...(filter && { filter }) }, () => {});
    await running.stop();
    return store.wanted.get('x')!.filter;
  };

  it('is all of them, unless the module or the filter names one', async () => {
    expect(await filterOf({})).toEqual({});
    expect(await filterOf({ tenantId: 'acme' })).toEqual({ tenantId: 'acme' });
    expect(await filterOf({ tenantId: 'acme' }, { tenantId: 'other' })).toEqual({ tenantId: 'other' });
  });
});

describe('a shutdown', () => {
  it('lets handlers finish, and hands over nothing more', async () => {
    const { events, running } = service();
    const steps: string[] = [];
    let release!: () => void;
    const held = new Promise<void>((resolve) => (release = resolve));
    await events.subscribeToEvents(async ({ type }) => {
      steps.push(`${type} begins`);
      await held;
      steps.push(`${type} ends`);
    });
    await events.publishEvents(['a', 'b'].map((type) => ({ type, data: {} })));
    await eventually(() => steps.length === 1);
    const stopped = running.stop().then(() => steps.push('stopped'));
    release();
    await stopped;
    expect(steps).toEqual(['a begins', 'a ends', 'stopped']);
    await expect(events.subscribeToEvents(() => {})).rejects.toMatchObject({ code: 'store-closed' });
  });

  it('waits no longer than it may, and aborts the signal of handlers that still run', async () => {
    const store = observedStore();
    const running = new RunningSubscriptions(store, silentLogger, 20);
    const events = new EventsService(store, resolveServiceOptions({}), running);
    let signal: AbortSignal | undefined;
    await events.subscribeToEvents((_event, context) => {
      signal = context.signal;
      return new Promise(() => {});
    });
    await events.publishEvent('a', {});
    await eventually(() => signal !== undefined);
    await running.stop();
    expect(signal!.aborted).toBe(true);
  });
});
