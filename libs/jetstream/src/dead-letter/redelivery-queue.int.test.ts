import { describe, expect, it } from '@jest/globals';
import { jetstream } from '@nats-io/jetstream';
import { REDELIVERY_STREAM, redeliveryDurableName } from '../subscribe/subscription-names.ts';
import { useLetterBench } from './dead-letters.spec-support.ts';
import type { Redelivery } from './redelivery.ts';
import { decodeRedelivery } from './redelivery-message.ts';

const bench = useLetterBench();

function redrive(sequence: number, more: Partial<Redelivery> = {}): Redelivery {
  return { subscription: 'billing', stream: 'EVENTS', sequence, cause: 'redrive', ...more };
}

/** Takes and settles what waits for a subscription. */
async function take(subscription: string, count: number): Promise<readonly (Redelivery | undefined)[]> {
  const js = jetstream(bench.nc);
  const consumer = await js.consumers.get(REDELIVERY_STREAM, redeliveryDurableName(subscription, 'EVENTS'));
  const taken: (Redelivery | undefined)[] = [];
  for await (const msg of await consumer.fetch({ max_messages: count, expires: 1_000 })) {
    taken.push(decodeRedelivery(msg.subject, msg.data));
    await msg.ackAck();
  }
  return taken;
}

describe('the queue of redeliveries', () => {
  it('hands each to its subscription, in order and with all that it says', async () => {
    const { redeliveries } = bench.process();
    const list = [
      redrive(7, { lane: '["default","order","💥"]' }),
      redrive(3, { notBeforeMs: 1_700_000_000_000 }),
      redrive(5, { cause: 'replay', replayId: '01JREPLAY' }),
    ];
    expect(await redeliveries.enqueue([...list, redrive(7, { subscription: 'billing.eu' })])).toBe(4);
    await redeliveries.ensureConsumer('billing', 'EVENTS');
    expect(await redeliveries.waiting('billing')).toBe(3);
    expect(await take('billing', 3)).toEqual(list);
    expect(await redeliveries.waiting('billing')).toBe(0);
    expect(await redeliveries.waiting('billing.eu')).toBe(1);
  });

  it('doubles none that waits, and takes it again when it was settled', async () => {
    const processes = [bench.process().redeliveries, bench.process().redeliveries];
    const list = Array.from({ length: 100 }, (_, i) => redrive(i + 1));
    const added = await Promise.all(processes.map((queue) => queue.enqueue(list)));
    expect(added[0]! + added[1]!).toBe(100);
    expect(await processes[0]!.enqueueEach([redrive(1), redrive(101)])).toEqual([false, true]);
    await processes[1]!.ensureConsumer('billing', 'EVENTS');
    expect(await take('billing', 101)).toHaveLength(101);
    expect(await processes[0]!.enqueue([redrive(1)])).toBe(1);
  });

  it('is empty before anything was ever put into it', async () => {
    const { redeliveries } = bench.process();
    expect(await redeliveries.waiting('billing')).toBe(0);
    expect(await redeliveries.enqueue([])).toBe(0);
  });

  it('has one consumer for a subscription and a stream, by however many processes it is made', async () => {
    await Promise.all(
      [1, 2, 3, 4].map(async () => {
        const { redeliveries } = bench.process();
        await redeliveries.ensureConsumer('billing', 'EVENTS');
        await redeliveries.ensureConsumer('billing', 'ORDERS');
        await redeliveries.ensureConsumer('billing.eu', 'EVENTS');
      }),
    );
    expect((await bench.jsm.streams.info(REDELIVERY_STREAM)).state.consumer_count).toBe(3);
    const info = await bench.jsm.consumers.info(REDELIVERY_STREAM, redeliveryDurableName('billing', 'EVENTS'));
    expect(info.config.max_deliver).toBe(-1);
  });

  it('takes thousands a second', async () => {
    const { redeliveries } = bench.process();
    const list = Array.from({ length: 10_000 }, (_, i) => redrive(i + 1));
    const begun = performance.now();
    expect(await redeliveries.enqueue(list)).toBe(10_000);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(await redeliveries.waiting('billing')).toBe(10_000);
  });
});
