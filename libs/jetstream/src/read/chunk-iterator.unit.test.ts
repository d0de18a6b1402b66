import { describe, expect, it } from '@jest/globals';
import { ChunkIterator } from './chunk-iterator.ts';
import { type ChunkSource, deferredSource, generatedChunks } from './chunk-source.ts';

/** Hands out chunks, and tells what was done with it. */
class ListSource implements ChunkSource<number> {
  asked = 0;
  closed = 0;
  overlaps = 0;
  private busy = false;

  constructor(
    private readonly chunks: readonly (readonly number[])[],
    private readonly failure?: Error,
  ) {}

  async nextChunk(): Promise<readonly number[] | undefined> {
    if (this.busy) this.overlaps++;
    this.busy = true;
    await Promise.resolve();
    this.busy = false;
    const chunk = this.chunks[this.asked++];
    if (!chunk && this.failure) throw this.failure;
    return chunk;
  }

  close(): void {
    this.closed++;
  }
}

async function all(items: AsyncIterable<number>): Promise<number[]> {
  const found: number[] = [];
  for await (const item of items) found.push(item);
  return found;
}

describe('ChunkIterator', () => {
  it('hands out all items of all chunks in order, and closes the source at the end', async () => {
    const source = new ListSource([[1, 2], [3], [4, 5, 6]]);
    expect(await all(new ChunkIterator(() => source))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(source.closed).toBe(1);
  });

  it('opens the source with the first next, and asks for a chunk when the one before is used up', async () => {
    let opened = 0;
    const source = new ListSource([[1, 2], [3]]);
    const iterator = new ChunkIterator(() => (opened++, source));
    expect(opened).toBe(0);
    await iterator.next();
    await iterator.next();
    expect([opened, source.asked]).toEqual([1, 1]);
    await iterator.next();
    expect([opened, source.asked]).toEqual([1, 2]);
  });

  it('serves callers that do not wait for one another in turn', async () => {
    const source = new ListSource([[1, 2], [3], [4]]);
    const iterator = new ChunkIterator(() => source);
    const results = await Promise.all(Array.from({ length: 7 }, () => iterator.next()));
    expect(results.map(({ value }) => value)).toEqual([1, 2, 3, 4, undefined, undefined, undefined]);
    expect(source.overlaps).toBe(0);
    expect(source.closed).toBe(1);
  });

  it('fails once with the error of the source, then is done', async () => {
    const failure = new Error('broken');
    const source = new ListSource([[1]], failure);
    const iterator = new ChunkIterator(() => source);
    await iterator.next();
    await expect(iterator.next()).rejects.toBe(failure);
    expect((await iterator.next()).done).toBe(true);
    expect(source.closed).toBe(1);
  });

  it('fails with what opening the source throws', async () => {
    const failure = new Error('cannot be opened');
    const iterator = new ChunkIterator<number>(() => {
      throw failure;
    });
    await expect(iterator.next()).rejects.toBe(failure);
    expect((await iterator.next()).done).toBe(true);
  });

  it('closes the source when the loop is left', async () => {
    const source = new ListSource([[1, 2, 3]]);
    for await (const item of new ChunkIterator(() => source)) if (item === 2) break;
    expect([source.closed, source.asked]).toEqual([1, 1]);
  });

  it('ends at once with the reason of its signal, whatever the source is waiting for', async () => {
    const controller = new AbortController();
    let closed = false;
    let asked: () => void = () => {};
    const waiting = new Promise<void>((resolve) => (asked = resolve));
    const never: ChunkSource<number> = {
      nextChunk: () => (asked(), new Promise(() => {})),
      close: () => void (closed = true),
    };
    const next = new ChunkIterator(() => never, controller.signal).next();
    await waiting;
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(next).rejects.toBe(reason);
    expect(closed).toBe(true);
  });

  it('hands out nothing that is there already once its signal came', async () => {
    const controller = new AbortController();
    const iterator = new ChunkIterator(() => new ListSource([[1, 2, 3]]), controller.signal);
    await iterator.next();
    controller.abort(new Error('enough'));
    await expect(iterator.next()).rejects.toThrow('enough');
  });
});

describe('generatedChunks', () => {
  it('passes over empty chunks and runs the finally of a generator that is left', async () => {
    let left = false;
    const source = generatedChunks(
      (async function* () {
        try {
          yield [] as number[];
          yield [1];
          yield [2];
        } finally {
          left = true;
        }
      })(),
    );
    expect(await source.nextChunk()).toEqual([1]);
    source.close();
    expect(await source.nextChunk()).toBeUndefined();
    expect(left).toBe(true);
  });
});

describe('deferredSource', () => {
  it('closes a source that was being opened when it was closed', async () => {
    const inner = new ListSource([[1]]);
    let opened: (source: ListSource) => void = () => {};
    const source = deferredSource(() => new Promise<ListSource>((resolve) => (opened = resolve)));
    const waiting = source.nextChunk();
    source.close();
    opened(inner);
    expect(await waiting).toBeUndefined();
    expect([inner.closed, inner.asked]).toEqual([1, 0]);
  });
});
