import { Random } from './random.ts';

describe('a seeded source of random numbers', () => {
  it('repeats itself for the same seed and not for another', () => {
    const take = (seed: number | string) => {
      const random = new Random(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    expect(take(1)).toEqual(take('1'));
    expect(take(1)).not.toEqual(take(2));
    expect(take(1).slice(0, 3)).toEqual([2634851696, 2205608983, 3026409333]);
  });

  it('spreads evenly over a range, ends included', () => {
    const random = new Random('spread');
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) counts[random.between(0, 9)]! += 1;
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('is true as often as asked', () => {
    const random = new Random('chance');
    let hits = 0;
    for (let i = 0; i < 100_000; i++) hits += random.chance(12) ? 1 : 0;
    expect(Math.abs(hits - 12_000)).toBeLessThan(500);
  });

  it('gives as many hexadecimal digits as asked', () => {
    const random = new Random('hex');
    expect(random.hex(40)).toMatch(/^[0-9a-f]{40}$/);
    expect(random.hex(6)).toMatch(/^[0-9a-f]{6}$/);
  });
});
