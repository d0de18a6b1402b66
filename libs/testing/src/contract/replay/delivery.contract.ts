import { expect, it } from '@jest/globals';
import { event, range } from '../contract-context.ts';
import type { ReplayContext } from './replay-context.ts';

export function deliveryContract(context: ReplayContext): void {
  const { target } = context;

  it('hands over all stored events in order, as they are stored but for what says that they are replayed', async () => {
    const order = await context.filled(250);
    const url = context.url();
    const started = await context.to(url, order);
    expect(started).toMatchObject({ state: 'pending', delivered: 0, failed: 0, dryRun: false, failures: [] });
    const job = await context.untilOver(started.id);
    expect(job).toMatchObject({ state: 'completed', total: 250, delivered: 250, failed: 0, rate: 0 });
    expect(job.finishedAt! >= job.startedAt! && job.startedAt! >= job.createdAt).toBe(true);
    expect(target.numbers(url)).toEqual(range(1, 250));
    const [first] = await context.read(order);
    expect(target.received(url)[0]).toEqual({ ...first, metadata: { replay: true, replayId: job.id } });
    expect(job.checkpoint).toEqual([target.received(url).at(-1)!.position]);
  });

  it('keeps what metadata an event has', async () => {
    const order = context.aggregate();
    await context.append(order, { type: 'order.changed', data: {}, metadata: { trace: 'x', replay: 'mine' } });
    const url = context.url();
    const { id } = await context.to(url, order);
    await context.untilOver(id);
    expect(target.received(url)[0]!.metadata).toEqual({ trace: 'x', replay: true, replayId: id });
  });

  it('is about the events that are stored when it is started', async () => {
    const order = await context.filled(200);
    const url = context.url();
    const { id } = await context.to(url, order, { ratePerSecond: 1_000 });
    await context.append(order, [event(), event()]);
    expect(await context.untilOver(id)).toMatchObject({ total: 200, delivered: 200 });
  });

  it('takes filters: types and patterns, versions, times, a chain, positions', async () => {
    const order = context.aggregate();
    const chain = context.unique('chain');
    const events = [
      { type: 'order.placed', data: { n: 1 }, timestamp: '2024-01-01T00:00:00Z' },
      { type: 'order.paid', data: { n: 2 }, timestamp: '2024-01-02T00:00:00Z', correlationId: chain },
      { type: 'order.line.added', data: { n: 3 }, timestamp: '2024-01-03T00:00:00Z' },
      { type: 'order.shipped', data: { n: 4 }, timestamp: '2024-01-04T00:00:00Z', correlationId: chain },
    ];
    const { events: stored } = await context.append(order, events);
    const cases = [
      [{ eventTypes: ['order.paid'] }, [2]],
      [{ eventTypes: ['order.*'] }, [1, 2, 4]],
      [{ eventTypes: ['order.>'], fromVersion: 2, toVersion: 3 }, [2, 3]],
      [{ fromTimestamp: '2024-01-02T00:00:00Z', toTimestamp: '2024-01-03T00:00:00Z' }, [2, 3]],
      [{ correlationId: chain }, [2, 4]],
      [{ correlationId: chain, eventTypes: ['order.paid'] }, [2]],
      [{ after: [stored[1]!.position] }, [3, 4]],
      [{ aggregateType: 'invoice' }, []],
    ] as const;
    for (const [filter, wanted] of cases) {
      const url = context.url();
      const { id } = await context.to(url, order, { filter });
      const job = await context.untilOver(id);
      expect([job.state, job.total, target.numbers(url)]).toEqual(['completed', wanted.length, wanted]);
    }
  });

  it('counts and shows in a dry run, and hands over nothing', async () => {
    const order = await context.filled(30);
    const url = context.url();
    const { id } = await context.to(url, order, { dryRun: true });
    const job = await context.untilOver(id);
    expect(job).toMatchObject({ state: 'completed', dryRun: true, total: 30, delivered: 0, failed: 0 });
    expect(job.sample).toEqual((await context.read(order)).slice(0, 10));
    expect(target.received(url)).toEqual([]);
  });

  it('completes at once where nothing matches', async () => {
    const url = context.url();
    const { id } = await context.to(url, context.aggregate());
    expect(await context.untilOver(id)).toMatchObject({ state: 'completed', total: 0, delivered: 0 });
  });

  it('keeps to its rate', async () => {
    const order = await context.filled(60);
    const url = context.url();
    const startedMs = Date.now();
    const { id } = await context.to(url, order, { ratePerSecond: 100 });
    const running = await context.until(id, ({ delivered }) => delivered > 20);
    expect(running.rate).toBeLessThan(200);
    await context.untilOver(id);
    // The last batch needs no waiting after it.
    expect(Date.now() - startedMs).toBeGreaterThan(450);
  });
}
