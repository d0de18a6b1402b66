import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import { HandlingBench } from './handling-bench.spec-support.ts';
import { QUICK } from './handling-process.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const options = (more: object = {}) => bench.options({ mode: 'ordered', timing: QUICK, backoffMs: [50], ...more });
const keyOf = (event: RecordedEvent) => `${event.aggregateId}${(event.data as { n: number }).n}`;

/** Handles all events but one, which it keeps until it is told what becomes of it. */
class Keeping {
  readonly seen: string[] = [];
  end: ((error?: Error) => void) | undefined;

  constructor(private readonly kept: string) {}

  readonly handler = (event: RecordedEvent): Promise<void> | undefined => {
    this.seen.push(keyOf(event));
    if (keyOf(event) !== this.kept || this.end) return undefined;
    return new Promise((resolve, reject) => (this.end = (error) => (error ? reject(error) : resolve())));
  };

  of(id: string): string[] {
    return this.seen.filter((key) => key.startsWith(id));
  }
}

describe('an event that an ordered subscription has in hand while its place changes', () => {
  it('parks its aggregate when it becomes a dead letter after the place was lost and won again', async () => {
    await bench.append(2, 'a');
    const process = await bench.process();
    const keeping = new Keeping('a1');
    const active = await process.subscribe(options({ maxDeliver: 1 }), keeping.handler);
    await eventually(() => keeping.end !== undefined);
    await process.nc.reconnect();
    await bench.append(1, 'b');
    await eventually(() => keeping.seen.includes('b1'));
    keeping.end!(new Error('bad'));
    await eventually(() => active.counts.inHand === 0);
    expect(keeping.seen).toEqual(['a1', 'b1']);
    expect((await bench.lettersOf(process)).map(({ kind }) => kind)).toEqual(['attempts-exhausted', 'parked']);
  });

  it.each(['handled', 'retried', 'dead-lettered'])(
    'comes again behind what is older when the subscription is set back, and was %s meanwhile',
    async (outcome) => {
      await bench.append(4, 'a');
      const process = await bench.process();
      const keeping = new Keeping('a3');
      const maxDeliver = outcome === 'dead-lettered' ? 1 : 5;
      const active = await process.subscribe(options({ maxDeliver }), keeping.handler);
      await eventually(() => keeping.end !== undefined);
      await bench.store.subscriptions.rewind(bench.subscription, 'beginning');
      await bench.append(1, 'b');
      await eventually(() => keeping.seen.includes('b1'));
      keeping.end!(outcome === 'handled' ? undefined : new Error('bad'));
      await eventually(() => keeping.seen.includes('a4') && active.counts.inHand === 0);
      await eventually(async () => (await bench.state(process)).ackPending === 0);
      expect(keeping.of('a')).toEqual(['a1', 'a2', 'a3', 'a1', 'a2', 'a3', 'a4']);
      expect(await bench.lettersOf(process)).toEqual([]);
    },
  );

  it('stays parked for a replica that takes over, though another one unparked it meanwhile', async () => {
    await bench.append(1, 'a');
    const [first, second] = [await bench.process(), await bench.process()];
    const fail = (): void => {
      throw new Error('bad');
    };
    const active = await first.subscribe(options({ maxDeliver: 1 }), fail);
    await eventually(() => active.counts.deadLettered === 1);
    const [lane] = await first.parts.parked.load(bench.subscription, 'EVENTS');
    await active.stop();
    const keeping = new Keeping('');
    const next = await second.subscribe(options({ maxDeliver: 1 }), keeping.handler);
    await eventually(() => next.state === 'active');
    // As the one before does which lost its place while it handled the last letter of a redrive.
    await first.parts.parked.unpark(bench.subscription, 'EVENTS', lane!);
    await bench.append(1, 'a', 1);
    await eventually(() => next.counts.deadLettered === 1);
    expect(await second.parts.parked.load(bench.subscription, 'EVENTS')).toEqual(new Set([lane]));
    expect(keeping.seen).toEqual([]);
  });
});
