import { afterEach, expect, it } from '@jest/globals';
import type { ActiveSubscription, HandlerContext, RecordedEvent } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import { event, range } from '../contract-context.ts';
import type { ReplayContext } from './replay-context.ts';

interface Handled {
  readonly event: RecordedEvent;
  readonly cause: HandlerContext['cause'];
  readonly replayId: string | undefined;
}

export function subscriptionTargetContract(context: ReplayContext): void {
  const active: ActiveSubscription[] = [];
  const names: string[] = [];

  afterEach(async () => {
    await Promise.all(active.splice(0).map((one) => one.stop()));
    await Promise.all(names.splice(0).map((name) => context.store.subscriptions.delete(name).catch(() => undefined)));
  });

  /** Handles a tenant's events, and remembers them. */
  async function subscribe(tenantId: string, eventTypes?: string[]): Promise<{ name: string; handled: Handled[] }> {
    const name = context.unique('sub');
    names.push(name);
    const handled: Handled[] = [];
    const options = { name, filter: { tenantId, ...(eventTypes && { eventTypes }) } };
    active.push(
      await context.store.subscriptions.subscribe(options, (event, { cause, replayId }) => {
        handled.push({ event, cause, replayId });
      }),
    );
    return { name, handled };
  }

  const replayed = (handled: readonly Handled[], id: string): number[] =>
    handled.filter((one) => one.replayId === id).map(({ event: { data } }) => (data as { n: number }).n);

  it("lets a subscription's handler have events again, beside what is new to it", async () => {
    const order = await context.filled(20);
    const { name, handled } = await subscribe(order.tenantId);
    await eventually(() => handled.length === 20);
    const { id } = await context.replays.start({
      filter: { tenantId: order.tenantId, fromVersion: 6 },
      target: { type: 'subscription', name },
    });
    expect(await context.untilOver(id)).toMatchObject({ state: 'completed', total: 15, delivered: 15 });
    await eventually(() => handled.length === 35);
    expect(replayed(handled, id).sort((a, b) => a - b)).toEqual(range(6, 20));
    expect(handled.at(-1)).toMatchObject({ cause: 'replay', replayId: id });
    await context.append(order, event('order.numbered', { n: 21 }));
    await eventually(() => handled.length === 36);
    expect(handled.at(-1)).toMatchObject({ cause: 'subscription', replayId: undefined });
  });

  it('hands a subscription only what it wants', async () => {
    const order = context.aggregate();
    await context.append(order, [event('order.a', { n: 1 }), event('order.b', { n: 2 }), event('order.a', { n: 3 })]);
    const { name, handled } = await subscribe(order.tenantId, ['order.a']);
    await eventually(() => handled.length === 2);
    const { id } = await context.replays.start({ target: { type: 'subscription', name } });
    expect(await context.untilOver(id)).toMatchObject({ state: 'completed', total: 2, delivered: 2 });
    await eventually(() => handled.length === 4);
    expect(replayed(handled, id).sort((a, b) => a - b)).toEqual([1, 3]);
  });

  it('hands events to every subscription that wants them, and tells of each', async () => {
    const order = context.aggregate();
    await context.append(order, [event('order.a', { n: 1 }), event('order.b', { n: 2 }), event('order.a', { n: 3 })]);
    const all = await subscribe(order.tenantId);
    const some = await subscribe(order.tenantId, ['order.b']);
    await eventually(() => all.handled.length === 3 && some.handled.length === 1);
    const { id } = await context.replays.start({
      filter: { tenantId: order.tenantId },
      target: { type: 'all-subscriptions' },
    });
    const job = await context.untilOver(id);
    expect(job).toMatchObject({ state: 'completed', total: 3, delivered: 3, failed: 0 });
    const results = job.results!.filter(({ subscription }) => names.includes(subscription));
    expect(new Map(results.map(({ subscription, delivered }) => [subscription, delivered]))).toEqual(
      new Map([
        [all.name, 3],
        [some.name, 1],
      ]),
    );
    await eventually(() => all.handled.length === 6 && some.handled.length === 2);
    expect(replayed(some.handled, id)).toEqual([2]);
  });

  it('refuses a subscription that is not there', async () => {
    const target = { type: 'subscription', name: context.unique('none') } as const;
    await expect(context.replays.start({ target })).rejects.toMatchObject({ code: 'subscription-not-found' });
  });

  it('fails when the subscription is deleted on the way', async () => {
    const order = await context.filled(100);
    const { name } = await subscribe(order.tenantId);
    const target = { type: 'subscription', name } as const;
    const { id } = await context.replays.start({ filter: { tenantId: order.tenantId }, target, ratePerSecond: 30 });
    await context.until(id, ({ delivered }) => delivered > 0);
    active[0]!.finished.catch(() => undefined);
    await context.store.subscriptions.delete(name);
    expect(await context.untilOver(id)).toMatchObject({ state: 'failed', lastError: expect.stringContaining(name) });
  });
}
