import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ReadAggregateOptions, ResolvedAggregateRef } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import { heapInUse } from './heap.spec-support.ts';
import { StoredStream, collect, range, versionsOf } from './stored-stream.spec-support.ts';

let server: TestNatsServer;
let stored: StoredStream;
let nextId = 0;

beforeAll(async () => {
  server = await startNatsServer();
  stored = await StoredStream.open(server.url);
});

afterAll(async () => {
  await stored?.close();
  await server?.stop();
});

const order = (id = `order-${++nextId}`): ResolvedAggregateRef => ({ tenantId: 'acme', type: 'order', id });

const read = (ref: ResolvedAggregateRef, options?: ReadAggregateOptions) =>
  collect(stored.aggregates.readAggregate(ref, options));

const BOTH_WAYS = ['forwards', 'backwards'] as const;

describe('an aggregate', () => {
  describe.each([1, 2, 63, 64, 65, 499, 500, 501, 1_000, 1_024, 1_025, 10_000])('of %s events', (size) => {
    const ref = order();
    beforeAll(() => stored.append(ref, size));

    it('is given whole, forwards and backwards', async () => {
      expect(versionsOf(await read(ref))).toEqual(range(1, size));
      expect(versionsOf(await read(ref, { direction: 'backwards' }))).toEqual(range(1, size).reverse());
    });

    it('is given in any range, to any limit, both ways', async () => {
      const version = fc.option(fc.integer({ min: 1, max: size + 5 }), { nil: undefined });
      const options = fc
        .record({
          fromVersion: version,
          toVersion: version,
          limit: fc.option(fc.integer({ min: 1, max: size + 1 }), { nil: undefined }),
          direction: fc.constantFrom(undefined, ...BOTH_WAYS),
        })
        .filter(({ fromVersion = 1, toVersion = Infinity }) => fromVersion <= toVersion);
      await fc.assert(
        fc.asyncProperty(options, async (chosen) => {
          expect(versionsOf(await read(ref, chosen))).toEqual(expected(size, chosen));
        }),
        { numRuns: size > 5_000 ? 5 : 15 },
      );
    });
  });

  it('costs little to read in part, however long it is', async () => {
    const ref = order();
    await stored.append(ref, 5_000);
    const parts: [ReadAggregateOptions, number][] = [
      [{ fromVersion: 4_000, toVersion: 4_010 }, 1],
      [{ fromVersion: 4_000, limit: 10 }, 1],
      [{ limit: 10 }, 1],
      [{ toVersion: 20, direction: 'backwards', limit: 5 }, 1],
      [{ direction: 'backwards', limit: 10 }, 3],
      [{ fromVersion: 4_990 }, 2],
    ];
    for (const [options, most] of parts) {
      const requests = stored.countRequests();
      expect(versionsOf(await read(ref, options))).toEqual(expected(5_000, options));
      expect(requests()).toBeLessThanOrEqual(most);
    }
  });

  it('of a hundred thousand events takes little memory and is read ahead by few chunks, both ways', async () => {
    const ref = order();
    await stored.append(ref, 100_000);
    for (const [direction, enough] of [
      ['forwards', 100_000],
      ['backwards', 20_000],
    ] as const) {
      const requests = stored.countRequests();
      const before = heapInUse();
      let seen = 0;
      let most = 0;
      for await (const event of stored.aggregates.readAggregate(ref, { direction })) {
        seen++;
        if (event.version !== (direction === 'forwards' ? seen : 100_001 - seen)) throw new Error(`${event.version}`);
        if (seen % 500 === 0) await turn();
        if (seen % 20_000 !== 0) continue;
        most = Math.max(most, heapInUse() - before);
        // The whole and the head were asked for first; the chunk in hand was followed by three more.
        expect(requests()).toBeLessThanOrEqual(2 + seen / 500 + 4);
        if (seen === enough) break;
      }
      expect(seen).toBe(enough);
      expect(most).toBeLessThan(25 * 1024 * 1024);
    }
  }, 120_000);

  it('of large events is read in chunks of bounded size', async () => {
    const ref = order();
    const text = 'x'.repeat(100_000);
    for (let i = 0; i < 60; i++)
      await stored.append(
        ref,
        Array.from({ length: 10 }, () => ({ data: { text } })),
      );
    const requests = stored.countRequests();
    for (const direction of BOTH_WAYS) {
      const before = heapInUse();
      let most = 0;
      let seen = 0;
      for await (const event of stored.aggregates.readAggregate(ref, { direction })) {
        expect((event.data as { text: string }).text).toHaveLength(text.length);
        if (++seen % 50 === 0) most = Math.max(most, heapInUse() - before);
      }
      expect(seen).toBe(600);
      expect(most).toBeLessThan(30 * 1024 * 1024);
    }
    expect(requests()).toBeGreaterThan(10);
  });

  it('that is left early is asked for no longer', async () => {
    const ref = order();
    await stored.append(ref, 5_000);
    const requests = stored.countRequests();
    for await (const event of stored.aggregates.readAggregate(ref)) if (event.version === 10) break;
    await read(order('unknown'));
    expect(requests()).toBeLessThanOrEqual(7);
  });

  it('is kept apart from others with hostile names', async () => {
    const ids = [
      '1',
      '1.2',
      '1.*',
      '1.>',
      '*',
      '>',
      '-',
      ' ',
      '\n',
      '%2E',
      '.',
      '..',
      'é',
      'e\u0301',
      '👩‍👩‍👧',
      '\0',
      '\u{feff}',
    ];
    const refs = ids.flatMap((id) => [
      { tenantId: 'acme', type: 'hostile', id },
      { tenantId: id, type: 'hostile', id: '1' },
      { tenantId: 'acme', type: `hostile${id}`, id },
    ]);
    const distinct = [...new Map(refs.map((ref) => [JSON.stringify(ref), ref])).values()];
    for (const ref of distinct) await stored.append(ref, [{ data: ref }, { data: ref }]);
    for (const ref of distinct) {
      const events = await read(ref);
      expect(events.map(({ data }) => data)).toEqual([ref, ref]);
      expect(events[0]).toMatchObject({ tenantId: ref.tenantId, aggregateType: ref.type, aggregateId: ref.id });
      expect(versionsOf(await read(ref, { fromVersion: 2 }))).toEqual([2]);
    }
  });

  it('ends with a whole append when it is read while it grows', async () => {
    const ref = order();
    const BATCH = 7;
    let growing = true;
    // Longer than one answer, so that chunks are read too.
    const before = 150 * BATCH;
    await stored.append(ref, before);
    const writer = (async () => {
      for (let i = 0; i < 60; i++) await stored.append(ref, BATCH);
      growing = false;
    })();
    const other = await StoredStream.open(server.url);
    try {
      for (let reads = 0; growing || reads < 3; reads++) {
        for (const options of [{}, { fromVersion: 2 }, { direction: 'backwards' as const }, { fromVersion: 1_000 }]) {
          const events = await collect(other.aggregates.readAggregate(ref, options));
          const versions = versionsOf(events) as number[];
          if (options.direction === 'backwards') versions.reverse();
          const first = options.fromVersion ?? 1;
          expect(versions).toEqual(range(first, first + versions.length - 1));
          if (versions.length === 0) continue;
          expect(versions.at(-1)! % BATCH).toBe(0);
        }
      }
    } finally {
      await writer;
      await other.close();
    }
    expect(versionsOf(await read(ref))).toEqual(range(1, before + 60 * BATCH));
  });

  it('is given as it had happened by a time, whatever the order of times', async () => {
    const ref = order();
    const times = ['2024-01-02', '2024-01-05', '2024-01-01', '2024-01-09', '2024-01-03'];
    await stored.append(
      ref,
      times.map((day) => ({ timestamp: `${day}T00:00:00Z` })),
    );
    const at = async (timestamp: string) => versionsOf(await collect(stored.aggregates.readAt(ref, timestamp)));
    expect(await at('2024-01-03T00:00:00Z')).toEqual([1, 3, 5]);
    expect(await at('2023-01-01T00:00:00Z')).toEqual([]);
    expect(await at('2024-02-01T00:00:00Z')).toEqual([1, 2, 3, 4, 5]);
  });
});

function expected(size: number, options: ReadAggregateOptions): number[] {
  const { fromVersion = 1, toVersion = size, limit, direction } = options;
  const versions = range(1, size).filter((version) => version >= fromVersion && version <= toVersion);
  if (direction === 'backwards') versions.reverse();
  return versions.slice(0, limit ?? size);
}
