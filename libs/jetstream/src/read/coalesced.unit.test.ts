import { describe, expect, it } from '@jest/globals';
import { Coalesced } from './coalesced.ts';

/** Work that ends when it is told to. */
class Work {
  started = 0;
  private readonly open: { resolve(value: string): void; reject(error: Error): void }[] = [];

  readonly run = (): Promise<string> => {
    this.started++;
    return new Promise((resolve, reject) => this.open.push({ resolve, reject }));
  };

  end(value: string): void {
    this.open.shift()!.resolve(value);
  }

  fail(error: Error): void {
    this.open.shift()!.reject(error);
  }
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Coalesced', () => {
  it('lets all who come during a run share the one after it', async () => {
    const calls = new Coalesced<string>();
    const work = new Work();
    const first = calls.run('a', work.run);
    const others = Array.from({ length: 10 }, () => calls.run('a', work.run));
    expect(work.started).toBe(1);
    work.end('old');
    expect(await first).toBe('old');
    await settled();
    expect(work.started).toBe(2);
    const late = calls.run('a', work.run);
    work.end('new');
    expect(await Promise.all(others)).toEqual(Array(10).fill('new'));
    await settled();
    expect(work.started).toBe(3);
    work.end('newest');
    expect(await late).toBe('newest');
  });

  it('runs again at once when nothing goes on', async () => {
    const calls = new Coalesced<string>();
    const work = new Work();
    for (const value of ['a', 'b']) {
      const call = calls.run('a', work.run);
      work.end(value);
      expect(await call).toBe(value);
    }
    expect(work.started).toBe(2);
  });

  it('keeps different things apart', async () => {
    const calls = new Coalesced<string>();
    const [a, b] = [new Work(), new Work()];
    const both = Promise.all([calls.run('a', a.run), calls.run('b', b.run)]);
    b.end('b');
    a.end('a');
    expect(await both).toEqual(['a', 'b']);
  });

  it('hands a failure to those who share it only', async () => {
    const calls = new Coalesced<string>();
    const work = new Work();
    const first = calls.run('a', work.run);
    const second = calls.run('a', work.run);
    work.fail(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    await settled();
    work.end('fine');
    expect(await second).toBe('fine');
  });
});
