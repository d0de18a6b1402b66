import { describe, expect, it } from '@jest/globals';
import type { DirectAnswer, DirectReader } from './direct-reader.ts';
import { FreshReader } from './fresh-reader.ts';

const found = (upToSequence: number): DirectAnswer<string> => ({
  outcome: 'found',
  messages: [String(upToSequence)],
  upToSequence,
  cut: false,
});
const none: DirectAnswer<string> = { outcome: 'none', messages: [], upToSequence: 0, cut: false };
const tooMany: DirectAnswer<string> = { ...none, outcome: 'too-many' };

/** Reads where replicas answer one after the other what they are given; the last one answers ever after. */
function reader(answers: readonly DirectAnswer<string>[], isReplicated = true) {
  let asked = 0;
  const direct = {
    get: () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)]!),
  } as unknown as DirectReader;
  const fresh = new FreshReader(direct, () => isReplicated);
  const newest = (needed: number) => fresh.newest('EVENTS', ['evt.>'], needed, () => '', 1_000);
  return { newest, asked: () => asked };
}

describe('FreshReader', () => {
  it('takes the first answer that covers what is needed', async () => {
    const replicas = reader([found(7), found(9), found(10), found(11)]);
    expect(await replicas.newest(10)).toEqual(found(10));
    expect(replicas.asked()).toBe(3);
  });

  it('turns to the leader when replicas stay behind', async () => {
    const replicas = reader([found(9)]);
    expect(await replicas.newest(10)).toBeUndefined();
    expect(replicas.asked()).toBe(4);
  });

  it('turns to the leader at once where nothing is found, which does not tell how much was seen', async () => {
    const replicas = reader([none]);
    expect(await replicas.newest(10)).toBeUndefined();
    expect(replicas.asked()).toBe(1);
  });

  it('takes any answer where nothing is needed, or there is but one copy', async () => {
    expect(await reader([none]).newest(0)).toBe(none);
    expect(await reader([found(1)]).newest(0)).toEqual(found(1));
    expect(await reader([none], false).newest(10)).toBe(none);
  });

  it('takes it that there are too many, however old that is', async () => {
    expect(await reader([tooMany]).newest(10)).toBe(tooMany);
  });
});
