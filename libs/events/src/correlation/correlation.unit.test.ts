import { setTimeout as delay } from 'node:timers/promises';
import { type RecordedEvent, silentLogger } from '@annals/core';
import { eventually } from '@annals/testing';
import { lastValueFrom } from 'rxjs';
import {
  EventRecordBuilder,
  EventsClient,
  EventsService,
  type IEventsService,
  currentCorrelation,
  currentEvent,
  runInCorrelation,
} from '../index.ts';
import { resolveServiceOptions } from '../options/service-options.ts';
import { RunningSubscriptions } from '../subscribe/running-subscriptions.ts';
import { observedStore, storedIn } from '../subscribe/observed-store.spec-support.ts';

const TRACE = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' };

/** What a handler of `user.created` publishes, as it is stored. */
async function publishedBy(
  handler: (events: IEventsService, client: EventsClient) => unknown,
  count = 1,
): Promise<{ cause: RecordedEvent; effects: RecordedEvent[] }> {
  const store = observedStore();
  const running = new RunningSubscriptions(store, silentLogger, 1_000);
  const events = new EventsService(store, resolveServiceOptions({}), running);
  const client = new EventsClient({ store });
  await events.subscribeToEvents('user.created', () => handler(events, client), { name: 'x' });
  await events.publishEvent(
    'user.created',
    {},
    {
      correlationId: 'chain',
      causationId: 'earlier',
      userId: 'ada',
      tenantId: 'acme',
      traceContext: TRACE,
    },
  );
  await eventually(async () => (await store.count()) === count + 1);
  await running.stop();
  const [cause, ...effects] = (await storedIn(store)) as [RecordedEvent, ...RecordedEvent[]];
  return { cause, effects };
}

describe('what a handler publishes', () => {
  const expectInChain = (cause: RecordedEvent, effect: RecordedEvent | undefined) =>
    expect(effect).toMatchObject({
      correlationId: 'chain',
      causationId: cause.messageId,
      userId: 'ada',
      tenantId: 'acme',
      traceContext: TRACE,
    });

  it('carries on the chain of the handled event: correlation, cause, user, tenant and trace', async () => {
    const { cause, effects } = await publishedBy((events) => events.publishEvent('mail.sent', {}));
    expectInChain(cause, effects[0]);
  });

  it('does so after awaits, in timers that the handler started, in lists, and through a ClientProxy', async () => {
    const { cause, effects } = await publishedBy(async (events, client) => {
      await delay(1);
      await events.publishEvents([
        { type: 'a', data: {} },
        { type: 'b', data: {}, aggregateType: 'user', aggregateId: '1' },
      ]);
      setTimeout(() => client.emit('c', {}), 1);
      await lastValueFrom(client.emit('d', new EventRecordBuilder({}).setAggregate('user', '2').build()));
    }, 4);
    expect(effects.map(({ type }) => type).sort()).toEqual(['a', 'b', 'c', 'd']);
    for (const effect of effects) expectInChain(cause, effect);
  });

  it('says otherwise where its writer does, field by field', async () => {
    const own = { correlationId: 'own', userId: 'bob', tenantId: 'other' };
    const { cause, effects } = await publishedBy((events) => events.publishEvent('mail.sent', {}, own));
    expect(effects[0]).toMatchObject({ ...own, causationId: cause.messageId });
  });

  it('reads in the tenant of the handled event too', async () => {
    let found = 0;
    await publishedBy(async (events) => {
      await events.publishEvent('mail.sent', {}, { aggregateType: 'mail', aggregateId: '1' });
      found = await events.getCurrentVersion('1', 'mail');
    });
    expect(found).toBe(1);
  });

  it('stays apart for handlers that run at the same time', async () => {
    const store = observedStore();
    const running = new RunningSubscriptions(store, silentLogger, 1_000);
    const events = new EventsService(store, resolveServiceOptions({}), running);
    const seen: [string, string | undefined][] = [];
    await events.subscribeToEvents({ name: 'x' }, async ({ messageId }) => {
      await delay(Math.random() * 5);
      seen.push([messageId, currentEvent()?.messageId]);
    });
    await events.publishEvents(Array.from({ length: 20 }, () => ({ type: 'a', data: {} })));
    await eventually(() => seen.length === 20);
    for (const [handled, current] of seen) expect(current).toBe(handled);
    await running.stop();
  });
});

describe('outside of handlers', () => {
  it('there is no correlation', () => {
    expect(currentCorrelation()).toEqual({});
    expect(currentEvent()).toBeUndefined();
  });

  it('events are published as before', async () => {
    const store = observedStore();
    const events = new EventsService(store, resolveServiceOptions({}));
    await events.publishEvent('a', {});
    const [event] = await events.replayEvents();
    expect(event).toMatchObject({ correlationId: event!.messageId });
    for (const field of ['causationId', 'userId', 'traceContext']) expect(event).not.toHaveProperty(field);
  });

  it('code runs in a correlation that it is given', async () => {
    const store = observedStore();
    const events = new EventsService(store, resolveServiceOptions({}));
    await runInCorrelation({ correlationId: 'request-7', userId: 'ada', tenantId: 'acme' }, async () => {
      await delay(1);
      await events.publishEvent('a', {});
    });
    const [event] = await events.replayEvents({ tenantId: 'acme' });
    expect(event).toMatchObject({ correlationId: 'request-7', userId: 'ada' });
  });
});
