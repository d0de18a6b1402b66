import { afterThisTurn } from './after-this-turn.ts';

describe('after this turn', () => {
  it('begins together what was asked for at the same moment, in the order of asking', async () => {
    const begun: number[] = [];
    const begin = async (name: number): Promise<void> => {
      await afterThisTurn();
      begun.push(name);
    };
    const work = [begin(1), Promise.resolve().then(() => begin(2)), begin(3)];
    await Promise.resolve();
    expect(begun).toEqual([]);
    let seenAtOnce = 0;
    await afterThisTurn().then(() => void (seenAtOnce = begun.length));
    await Promise.all(work);
    expect(begun).toEqual([1, 3, 2]);
    expect(seenAtOnce).toBeGreaterThan(1);
  });

  it('is another turn for who asks later', async () => {
    const first = afterThisTurn();
    expect(afterThisTurn()).toBe(first);
    await first;
    expect(afterThisTurn()).not.toBe(first);
  });
});
