import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type Direction, type RecordedEvent, compareTimestamps } from '@annals/core';
import { BackwardSource, type PlacedItem } from './backward-source.ts';
import type { ChunkSource } from './chunk-source.ts';
import { LimitedSource } from './limited-source.ts';
import { MergedSource } from './merged-source.ts';
import type { SequenceRange } from './sequence-range.ts';

function listSource<T>(items: readonly T[], chunkSize = 3): ChunkSource<T> & { closed: boolean } {
  let at = 0;
  return {
    closed: false,
    async nextChunk() {
      const chunk = items.slice(at, (at += chunkSize));
      return chunk.length > 0 ? chunk : undefined;
    },
    close() {
      this.closed = true;
    },
  };
}

async function drain<T>(source: ChunkSource<T>): Promise<T[]> {
  const all: T[] = [];
  for (let chunk = await source.nextChunk(); chunk; chunk = await source.nextChunk()) all.push(...chunk);
  return all;
}

describe('BackwardSource', () => {
  /** A stream of which the given sequences match; counts what is looked at. */
  function stream(matching: readonly number[], bytes = 10) {
    const seen = { windows: 0, items: 0, widest: 0 };
    const open = ({ from, to }: SequenceRange): ChunkSource<PlacedItem<number>> => {
      const items = matching.filter((sequence) => sequence >= from && sequence <= to);
      seen.windows++;
      seen.items += items.length;
      seen.widest = Math.max(seen.widest, to - from + 1);
      return listSource(
        items.map((sequence) => ({ item: sequence, sequence, bytes })),
        1_000,
      );
    };
    return { open, seen };
  }

  it('hands out what matches in a range from the last to the first', async () => {
    const sequences = fc.uniqueArray(fc.integer({ min: 1, max: 30_000 }), { maxLength: 300 });
    const bounds = fc.tuple(fc.integer({ min: 1, max: 30_000 }), fc.integer({ min: 1, max: 30_000 }));
    await fc.assert(
      fc.asyncProperty(sequences, bounds, fc.integer({ min: 1, max: 5_000 }), async (found, [from, to], width) => {
        const ascending = [...found].sort((a, b) => a - b);
        const expected = ascending.filter((n) => n >= from && n <= to).reverse();
        expect(await drain(new BackwardSource(stream(ascending).open, { from, to }, width))).toEqual(expected);
      }),
    );
  });

  it('takes few windows over a long sparse stretch', async () => {
    const { open, seen } = stream([5, 999_999]);
    expect(await drain(new BackwardSource(open, { from: 1, to: 1_000_000 }, 256))).toEqual([999_999, 5]);
    expect(seen.windows).toBeLessThan(12);
  });

  it('holds no more than it may where a dense stretch follows a sparse one, and loses nothing', async () => {
    const dense = Array.from({ length: 60_000 }, (_, i) => i + 1);
    const { open, seen } = stream(dense);
    const source = new BackwardSource(open, { from: 1, to: 2_000_000 }, 1_024);
    const all: number[] = [];
    let longest = 0;
    for (let chunk = await source.nextChunk(); chunk; chunk = await source.nextChunk()) {
      longest = Math.max(longest, chunk.length);
      all.push(...chunk);
    }
    expect(all).toEqual([...dense].reverse());
    expect(longest).toBeLessThanOrEqual(4_096);
    expect(seen.items).toBeLessThan(4 * dense.length);
  });

  it('holds no more bytes than it may, but for a single event', async () => {
    const { open } = stream([1, 2, 3, 4, 5, 6, 7, 8, 9], 3 * 1024 * 1024);
    const source = new BackwardSource(open, { from: 1, to: 9 }, 64);
    const chunks: (readonly number[])[] = [];
    for (let chunk = await source.nextChunk(); chunk; chunk = await source.nextChunk()) chunks.push(chunk);
    expect(chunks.flat()).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1]);
    expect(Math.max(...chunks.map(({ length }) => length))).toBe(1);
  });

  it('opens no window after it was closed', async () => {
    const { open, seen } = stream([1, 2, 3]);
    const source = new BackwardSource(open, { from: 1, to: 3 }, 1);
    await source.nextChunk();
    source.close();
    expect(await source.nextChunk()).toBeUndefined();
    expect(seen.windows).toBe(1);
  });
});

describe('MergedSource', () => {
  const eventsOf = (stream: string, seconds: readonly number[]): RecordedEvent[] =>
    seconds.map((second, i) => ({
      ...({} as RecordedEvent),
      recordedAt: `2024-01-01T00:00:${String(second).padStart(2, '0')}Z`,
      position: { stream, sequence: i + 1 },
    }));

  it('orders by time and then by stream, and keeps the order of each stream', async () => {
    const times = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }).map((list) => list.sort((a, b) => a - b));
    const direction = fc.constantFrom<Direction>('forwards', 'backwards');
    await fc.assert(
      fc.asyncProperty(fc.array(times, { minLength: 1, maxLength: 5 }), direction, async (lists, way) => {
        const streams = lists.map((list, i) => eventsOf(`S${i}`, list));
        if (way === 'backwards') for (const events of streams) events.reverse();
        const expected = streams
          .flat()
          .map((event, i) => ({ event, i }))
          .sort((a, b) => {
            const [x, y] = way === 'forwards' ? [a.event, b.event] : [b.event, a.event];
            return (
              compareTimestamps(x.recordedAt, y.recordedAt) ||
              x.position.stream.localeCompare(y.position.stream) ||
              a.i - b.i
            );
          })
          .map(({ event }) => event);
        const merged = new MergedSource(
          streams.map((events) => listSource(events, 2)),
          way,
        );
        expect(await drain(merged)).toEqual(expected);
      }),
    );
  });

  it('keeps the order of a stream whose clock went back', async () => {
    const merged = new MergedSource([listSource(eventsOf('A', [5, 1, 2])), listSource(eventsOf('B', [3]))], 'forwards');
    const order = (await drain(merged)).map(({ position }) => `${position.stream}${position.sequence}`);
    expect(order).toEqual(['B1', 'A1', 'A2', 'A3']);
  });

  it('closes all of its sources', async () => {
    const sources = [listSource(eventsOf('A', [1])), listSource(eventsOf('B', [2, 3, 4, 5]))];
    const merged = new MergedSource(sources, 'forwards');
    await merged.nextChunk();
    merged.close();
    expect(sources.map(({ closed }) => closed)).toEqual([true, true]);
  });
});

describe('LimitedSource', () => {
  it.each([0, 1, 3, 4, 9, 10, 11])('hands out %s of ten items at most', async (limit) => {
    const items = Array.from({ length: 10 }, (_, i) => i);
    expect(await drain(new LimitedSource(listSource(items), limit))).toEqual(items.slice(0, limit));
  });
});
