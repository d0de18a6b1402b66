import { describe, expect, it } from '@jest/globals';
import { laneOf } from '@annals/core';
import { useLetterBench } from './dead-letters.spec-support.ts';

const bench = useLetterBench();
const lane = (aggregateId: string): string =>
  laneOf({ tenantId: 'default', aggregateType: 'order', aggregateId, messageId: 'm' });

describe('parked aggregates', () => {
  it('are found by other processes, by the names that they have', async () => {
    const names = ['o-1', 'Ä/ö "x"', '💥', 'a.b.c', '*', '>', 'x'.repeat(200)];
    const { parked } = bench.process();
    expect(await parked.load('billing', 'EVENTS')).toEqual(new Set());
    for (const name of names) await parked.park('billing', 'EVENTS', lane(name));
    await parked.park('billing.eu', 'EVENTS', lane('other'));
    await parked.park('billing', 'ORDERS', lane('other'));
    expect(await bench.process().parked.load('billing', 'EVENTS')).toEqual(new Set(names.map(lane)));
    expect(await bench.process().parked.load('billing.eu', 'EVENTS')).toEqual(new Set([lane('other')]));
  });

  it('are parked once, and again after they were unparked', async () => {
    const [one, other] = [bench.process().parked, bench.process().parked];
    await Promise.all([one, other, one, other].map((parked) => parked.park('billing', 'EVENTS', lane('o-1'))));
    await one.unpark('billing', 'EVENTS', lane('o-1'));
    expect(await other.load('billing', 'EVENTS')).toEqual(new Set());
    await other.unpark('billing', 'EVENTS', lane('o-1'));
    await other.park('billing', 'EVENTS', lane('o-1'));
    expect(await one.load('billing', 'EVENTS')).toEqual(new Set([lane('o-1')]));
  });

  it('can be unparked where nothing was ever parked', async () => {
    await bench.process().parked.unpark('billing', 'EVENTS', lane('o-1'));
  });

  it('are all loaded, however many they are', async () => {
    const { parked } = bench.process();
    const lanes = Array.from({ length: 1_500 }, (_, i) => lane(`o-${i}`));
    for (let i = 0; i < lanes.length; i += 250) {
      await Promise.all(lanes.slice(i, i + 250).map((each) => parked.park('billing', 'EVENTS', each)));
    }
    expect(await bench.process().parked.load('billing', 'EVENTS')).toEqual(new Set(lanes));
  });
});
