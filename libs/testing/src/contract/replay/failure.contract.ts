import { expect, it } from '@jest/globals';
import { range } from '../contract-context.ts';
import type { ReplayContext } from './replay-context.ts';

export function failureContract(context: ReplayContext): void {
  const { target } = context;
  const numberOf = ({ data }: { data: unknown }): number => (data as { n: number }).n;

  it('counts what the target does not take, says which events those are, and goes on', async () => {
    const order = await context.filled(50);
    const url = context.url();
    target.answer(url, (event) => (numberOf(event) % 10 === 0 ? `no ${numberOf(event)}` : undefined));
    const { id } = await context.to(url, order);
    const job = await context.untilOver(id);
    expect(job).toMatchObject({ state: 'completed', total: 50, delivered: 45, failed: 5 });
    expect(job.failures.map(({ reason }) => reason)).toEqual(['no 10', 'no 20', 'no 30', 'no 40', 'no 50']);
    const [, tenth] = [0, (await context.read(order))[9]!];
    expect(job.failures[0]).toEqual({ position: tenth.position, messageId: tenth.messageId, reason: 'no 10' });
  });

  it('names a hundred failures at most, and counts all', async () => {
    const order = await context.filled(250);
    const url = context.url();
    target.answer(url, (event) => (numberOf(event) % 2 ? 'odd' : undefined));
    const { id } = await context.to(url, order);
    const job = await context.untilOver(id);
    expect([job.failed, job.failures.length]).toEqual([125, 100]);
  });

  it('pauses when twenty events in a row are not taken, and goes on behind them when it is resumed', async () => {
    const order = await context.filled(60);
    const url = context.url();
    let isDown = true;
    target.answer(url, (event) => (isDown && numberOf(event) > 10 ? 'down' : undefined));
    const { id } = await context.to(url, order);
    const paused = await context.until(id, ({ state }) => state === 'paused');
    expect(paused).toMatchObject({ delivered: 10, failed: 20, lastError: expect.stringContaining('down') });
    isDown = false;
    const resumed = await context.operator.resume(id);
    expect(resumed).not.toHaveProperty('lastError');
    const job = await context.untilOver(id);
    expect(job).toMatchObject({ state: 'completed', delivered: 40, failed: 20 });
    expect(target.numbers(url)).toEqual([...range(1, 10), ...range(31, 60)]);
  });

  it('fails when the target breaks, and says why', async () => {
    const order = await context.filled(5);
    const url = context.url();
    target.answer(url, () => {
      throw new Error('it is broken');
    });
    const { id } = await context.to(url, order);
    const job = await context.untilOver(id);
    expect(job).toMatchObject({ state: 'failed', lastError: 'it is broken', finishedAt: expect.any(String) });
  });
}
