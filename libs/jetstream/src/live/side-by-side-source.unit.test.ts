import { describe, expect, it } from '@jest/globals';
import { SideBySideSource } from './side-by-side-source.ts';

/** A source that is fed by hand. */
class HandFed {
  readonly asked: ((chunk: readonly string[] | undefined) => void)[] = [];
  fail: (error: Error) => void = () => {};
  closed = false;

  nextChunk(): Promise<readonly string[] | undefined> {
    return new Promise((resolve, reject) => {
      this.asked.push(resolve);
      this.fail = reject;
    });
  }

  close(): void {
    this.closed = true;
  }
}

describe('SideBySideSource', () => {
  const two = () => {
    const a = new HandFed();
    const b = new HandFed();
    return { a, b, both: new SideBySideSource<string>([a, b]) };
  };

  it('hands out what comes first, whichever source it is from', async () => {
    const { a, b, both } = two();
    const first = both.nextChunk();
    b.asked[0]!(['b1']);
    expect(await first).toEqual(['b1']);
    const second = both.nextChunk();
    a.asked[0]!(['a1']);
    expect(await second).toEqual(['a1']);
  });

  it('gives each its turn where all have something', async () => {
    const { a, b, both } = two();
    const seen: string[] = [];
    let pending = both.nextChunk();
    for (let i = 0; i < 6; i++) {
      for (const [name, source] of Object.entries({ a, b })) source.asked.splice(0)[0]?.([name]);
      seen.push(...(await pending)!);
      pending = both.nextChunk();
    }
    expect(seen.join('')).toBe('ababab');
  });

  it('asks a source for more only when the chunk before was taken', async () => {
    const { a, both } = two();
    const first = both.nextChunk();
    a.asked[0]!(['a1']);
    await first;
    expect(a.asked).toHaveLength(1);
    void both.nextChunk();
    expect(a.asked).toHaveLength(2);
  });

  it('fails with the first source that fails', async () => {
    const { a, both } = two();
    const pending = both.nextChunk();
    a.fail(new Error('lost'));
    await expect(pending).rejects.toThrow('lost');
  });

  it('lets a waiting reader go when it is closed, and closes all sources', async () => {
    const { a, b, both } = two();
    const pending = both.nextChunk();
    both.close();
    expect(await pending).toBeUndefined();
    expect([a.closed, b.closed]).toEqual([true, true]);
  });
});
