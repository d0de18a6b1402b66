import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { KeyLanes } from './key-lanes.ts';
import { PositionFloor } from './position-floor.ts';
import { TimerQueue } from './timer-queue.ts';

const at = (sequence: number, stream = 'EVENTS') => ({ stream, sequence });

describe('PositionFloor', () => {
  it('stands below the first that is not done, whatever the order in which they are done', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([1, 2, 3, 4, 5, 6], { minLength: 1 }), (order) => {
        const floor = new PositionFloor([at(0)]);
        // Only these sequences are wanted, and they are begun in the order of the stream.
        const wanted = [...order].sort((a, b) => a - b);
        const done = new Map(wanted.map((sequence) => [sequence, floor.begin(at(sequence))]));
        const open = new Set(wanted);
        for (const sequence of order) {
          done.get(sequence)!();
          open.delete(sequence);
          const first = Math.min(...open, Infinity);
          const expected = wanted.filter((other) => other < first).at(-1) ?? 0;
          expect(floor.checkpoint).toEqual([at(expected)]);
          expect(floor.inHand).toBe(open.size);
        }
        expect(floor.begun).toEqual([at(wanted.at(-1)!)]);
      }),
    );
  });

  it('keeps streams apart', () => {
    const floor = new PositionFloor([at(3, 'A'), at(0, 'B')]);
    floor.begin(at(4, 'A'));
    floor.begin(at(9, 'B'))();
    expect(floor.checkpoint).toEqual([at(3, 'A'), at(9, 'B')]);
  });

  it('passes over what nobody wants, but not while something is in hand', () => {
    const floor = new PositionFloor([at(0)]);
    const done = floor.begin(at(1));
    floor.pass([at(7)]);
    expect(floor.checkpoint).toEqual([at(0)]);
    done();
    floor.pass([at(7)]);
    expect([floor.checkpoint, floor.begun]).toEqual([[at(7)], [at(7)]]);
  });
});

describe('TimerQueue', () => {
  it('gives what is due, the earliest first, and keeps the rest', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(100)), fc.nat(100), (times, nowMs) => {
        const queue = new TimerQueue<number>();
        for (const time of times) queue.add(time, time);
        const sorted = [...times].sort((a, b) => a - b);
        expect(queue.nextMs).toBe(sorted[0]);
        expect(queue.due(nowMs)).toEqual(sorted.filter((time) => time <= nowMs));
        expect(queue.due(Infinity)).toEqual(sorted.filter((time) => time > nowMs));
      }),
    );
  });
});

describe('KeyLanes', () => {
  it('runs the tasks of a key in their order, and those of others meanwhile, also behind one that failed', async () => {
    const lanes = new KeyLanes();
    const seen: string[] = [];
    let finish = (): void => {};
    const first = lanes.run('a', async () => {
      await new Promise<void>((resolve) => (finish = resolve));
      seen.push('a1');
      throw new Error('failed');
    });
    const second = lanes.run('a', async () => void seen.push('a2'));
    await lanes.run('b', async () => void seen.push('b1'));
    expect(seen).toEqual(['b1']);
    finish();
    await expect(first).rejects.toThrow('failed');
    await second;
    await lanes.idle();
    expect(seen).toEqual(['b1', 'a1', 'a2']);
  });
});
