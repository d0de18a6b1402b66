import { expect, it } from '@jest/globals';
import { range } from '../contract-context.ts';
import { Gate } from '../subscribe/gate.ts';
import type { ReplayContext } from './replay-context.ts';

export function controlContract(context: ReplayContext): void {
  const { target } = context;

  it('stops when it is paused, and goes on where it was, once each, when it is resumed', async () => {
    const order = await context.filled(100);
    const url = context.url();
    const { id } = await context.to(url, order, { ratePerSecond: 400 });
    await context.until(id, ({ delivered }) => delivered > 0);
    expect(await context.operator.pause(id)).toMatchObject({ state: 'paused', rate: 0 });
    expect(await context.operator.pause(id)).toMatchObject({ state: 'paused' });
    await context.operator.resume(id);
    expect(await context.untilOver(id)).toMatchObject({ state: 'completed', delivered: 100 });
    expect(target.numbers(url)).toEqual(range(1, 100));
  });

  it('tells a slow target of a pause soon, and hands over nothing more', async () => {
    const order = await context.filled(10);
    const url = context.url();
    const begun = new Gate();
    let toldAtMs = 0;
    target.answer(url, async (_, signal) => {
      begun.open();
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      toldAtMs = Date.now();
      return undefined;
    });
    const { id } = await context.to(url, order);
    await begun.opened;
    await context.operator.pause(id);
    const pausedAtMs = Date.now();
    await context.until(id, ({ delivered }) => delivered === 1);
    expect(toldAtMs - pausedAtMs).toBeLessThan(1_500);
    target.answer(url, () => undefined);
    await context.operator.resume(id);
    expect(await context.untilOver(id)).toMatchObject({ state: 'completed', delivered: 10 });
    expect(target.numbers(url)).toEqual(range(1, 10));
  });

  it('ends when it is cancelled; what was handed over stays', async () => {
    const order = await context.filled(100);
    const url = context.url();
    const { id } = await context.to(url, order, { ratePerSecond: 100 });
    await context.until(id, ({ delivered }) => delivered > 0);
    const cancelled = await context.operator.cancel(id);
    expect(cancelled).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) });
    expect(await context.operator.cancel(id)).toMatchObject({ state: 'cancelled' });
    await expect(context.operator.pause(id)).rejects.toMatchObject({ code: 'replay-finished', state: 'cancelled' });
    await expect(context.operator.resume(id)).rejects.toMatchObject({ code: 'replay-finished' });
    expect(target.received(url).length).toBeLessThan(100);
  });

  it('leaves a job that is over as it is', async () => {
    const { id } = await context.to(context.url(), context.aggregate());
    await context.untilOver(id);
    await expect(context.replays.cancel(id)).rejects.toMatchObject({ code: 'replay-finished', state: 'completed' });
  });

  it('lets a paused job be cancelled', async () => {
    const { id } = await context.to(context.url(), await context.filled(100), { ratePerSecond: 1 });
    await context.replays.pause(id);
    expect(await context.replays.cancel(id)).toMatchObject({ state: 'cancelled' });
  });

  it('resumes nothing that runs', async () => {
    const { id } = await context.to(context.url(), await context.filled(100), { ratePerSecond: 1 });
    const { state } = await context.until(id, (job) => job.state === 'running');
    expect(await context.replays.resume(id)).toMatchObject({ state });
    await context.replays.cancel(id);
  });
}
