import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ActiveSubscription, RecordedEvent } from '@annals/core';
import { eventually } from '@annals/testing';
import { QUICK } from './handling-process.spec-support.ts';
import { HandlingBench } from './handling-bench.spec-support.ts';

const bench = new HandlingBench();

beforeAll(() => bench.open());
afterAll(() => bench.close());
beforeEach(() => bench.begin());
afterEach(() => bench.end());

const ordered = (more: object = {}) => bench.options({ mode: 'ordered', timing: QUICK, backoffMs: [50], ...more });
const numberOf = (event: RecordedEvent) => (event.data as { n: number }).n;

/** The numbers of each aggregate's events as a handler got them. */
class Seen {
  readonly events: RecordedEvent[] = [];
  add(event: RecordedEvent): void {
    this.events.push(event);
  }
  of(aggregateId: string): number[] {
    return this.events.filter((event) => event.aggregateId === aggregateId).map(numberOf);
  }
}

const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

describe('an ordered subscription', () => {
  it('hands over the events of an aggregate in order, one at a time, and those of several in parallel', async () => {
    for (const id of ['a', 'b', 'c']) await bench.append(40, id);
    const process = await bench.process();
    const seen = new Seen();
    const running = new Map<string, number>();
    let most = 0;
    const active = await process.subscribe(ordered(), async (event) => {
      const id = event.aggregateId!;
      expect(running.get(id) ?? 0).toBe(0);
      running.set(id, 1);
      most = Math.max(
        most,
        [...running.values()].reduce((sum, count) => sum + count, 0),
      );
      await pause(1);
      running.set(id, 0);
      seen.add(event);
    });
    await eventually(() => seen.events.length === 120);
    for (const id of ['a', 'b', 'c']) expect(seen.of(id)).toEqual(range(40));
    expect(most).toBeGreaterThan(1);
    await active.stop();
    expect(active.counts).toEqual({ handled: 120, retried: 0, deadLettered: 0, inHand: 0 });
  });

  it('tries a failed event again before the later ones of its aggregate, while others go on', async () => {
    await bench.append(5, 'a');
    await bench.append(5, 'b');
    const process = await bench.process();
    const seen = new Seen();
    const attempts: number[] = [];
    await process.subscribe(ordered({ backoffMs: [150] }), (event, context) => {
      if (event.aggregateId === 'a' && numberOf(event) === 2) {
        attempts.push(context.attempt);
        if (context.attempt < 3) throw new Error('not yet');
        expect(seen.of('b')).toEqual(range(5));
      }
      seen.add(event);
    });
    await eventually(() => seen.events.length === 10);
    expect(seen.of('a')).toEqual(range(5));
    expect(attempts).toEqual([1, 2, 3]);
  });

  it('goes on with other aggregates while one with many events waits for its next attempt', async () => {
    await bench.append(100, 'a');
    await bench.append(3, 'b');
    const process = await bench.process();
    const seen = new Seen();
    await process.subscribe(ordered({ backoffMs: [60_000] }), (event) => {
      if (event.aggregateId === 'a') throw new Error('not today');
      seen.add(event);
    });
    await eventually(() => seen.events.length === 3);
    expect(seen.of('b')).toEqual(range(3));
  });

  it('lets another replica stand by, which goes on at once when the active one stops', async () => {
    const [first, second] = [await bench.process(), await bench.process()];
    const seen = new Seen();
    const by: string[] = [];
    const subscribe = (name: string, process: typeof first) =>
      process.subscribe(ordered({ timing: { ...QUICK, pinTimeoutMs: 5_000 } }), (event) => {
        by.push(name);
        seen.add(event);
      });
    const one = await subscribe('one', first);
    await bench.append(10, 'a');
    await eventually(() => seen.events.length === 10);
    const other = await subscribe('other', second);
    expect([one.state, other.state]).toEqual(['active', 'standby']);
    await bench.append(10, 'a', 10);
    await eventually(() => seen.events.length === 20);
    await one.stop();
    const stoppedMs = performance.now();
    await bench.append(10, 'a', 20);
    await eventually(() => seen.events.length === 30);
    expect(performance.now() - stoppedMs).toBeLessThan(2_000);
    expect(other.state).toBe('active');
    expect(seen.of('a')).toEqual(range(30));
    expect(by).toEqual([...Array<string>(20).fill('one'), ...Array<string>(10).fill('other')]);
  });

  it('goes on in order at another replica when the active one loses its connection', async () => {
    const [first, second] = [await bench.process(), await bench.process()];
    const seen = new Seen();
    const handler = async (event: RecordedEvent): Promise<void> => {
      await pause(2);
      seen.add(event);
    };
    const states: ActiveSubscription[] = [];
    states.push(await first.subscribe(ordered(), handler));
    await bench.append(200, 'a');
    await bench.append(200, 'b');
    await eventually(() => seen.events.length > 20);
    states.push(await second.subscribe(ordered(), handler));
    await first.nc.close();
    await eventually(() => new Set(seen.of('a')).size === 200 && new Set(seen.of('b')).size === 200);
    // What was in hand comes again; nothing comes before what is older and was not handled.
    for (const id of ['a', 'b']) {
      let highest = 0;
      for (const n of seen.of(id)) {
        expect(n).toBeLessThanOrEqual(highest + 1);
        highest = Math.max(highest, n);
      }
    }
  });
});
