import type { Random } from './random.ts';

/**
 * A size with a long tail: half of the aggregates have fewer than twice `smallest` events, and each doubling of the size
 * is half as frequent as the one before, up to `largest`.
 */
export function longTailedSize(random: Random, smallest: number, largest: number): number {
  let low = smallest;
  while (low * 2 < largest && random.chance(50)) low *= 2;
  return Math.min(largest, random.between(low, low * 2 - 1));
}
