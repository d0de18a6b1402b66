import { expect, it } from '@jest/globals';
import type { ReplayJob } from '@annals/core';
import { eventually } from '../../wait/eventually.ts';
import type { ReplayContext } from './replay-context.ts';

export function listContract(context: ReplayContext): void {
  it('lists jobs newest first, page by page', async () => {
    const started: ReplayJob[] = [];
    for (let i = 0; i < 5; i++) {
      started.push(await context.to(context.url(), context.aggregate()));
      // Jobs of one millisecond have no order.
      const atMs = Date.now();
      await eventually(() => Date.now() > atMs + 1, { intervalMs: 1 });
    }
    for (const { id } of started) await context.untilOver(id);
    const wanted = started.map(({ id }) => id).reverse();
    const first = await context.operator.list({ limit: 2 });
    expect(first.jobs.map(({ id }) => id)).toEqual(wanted.slice(0, 2));
    const second = await context.operator.list({ limit: 3, cursor: first.nextCursor });
    expect(second.jobs.map(({ id }) => id)).toEqual(wanted.slice(2));
  });

  it('lists jobs in given states', async () => {
    const { id } = await context.to(context.url(), await context.filled(10), { ratePerSecond: 1 });
    await context.replays.pause(id);
    const { jobs } = await context.operator.list({ states: ['paused'] });
    expect(jobs.map((job) => job.id)).toContain(id);
    expect(jobs.every(({ state }) => state === 'paused')).toBe(true);
    await context.replays.cancel(id);
    expect((await context.operator.list({ states: ['paused'] })).jobs.map((job) => job.id)).not.toContain(id);
  });

  it.each([{ limit: 0 }, { limit: 1_001 }, { states: ['asleep' as never] }, { cursor: '../x' }])(
    'refuses to list by %j',
    async (options) => {
      await expect(context.replays.list(options)).rejects.toMatchObject({ code: 'validation-failed' });
    },
  );
}
