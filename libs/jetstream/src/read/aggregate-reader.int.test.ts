import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
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

afterEach(() => stored.swept.clear());

const order = (id = `order-${++nextId}`): ResolvedAggregateRef => ({ tenantId: 'acme', type: 'order', id });

const read = (ref: ResolvedAggregateRef, options?: ReadAggregateOptions) =>
  collect(stored.aggregates.readAggregate(ref, options));

/** Deletes versions of an aggregate that was appended alone, so that its sequences follow one another. */
async function deleteVersions(lastSequence: number, size: number, versions: readonly number[]): Promise<void> {
  for (const version of versions) await stored.delete('EVENTS', lastSequence - size + version);
}

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

describe('an aggregate that lacks events', () => {
  it.each([10, 1_500])('between its stored ones is corrupt, of %s events', async (size) => {
    const ref = order();
    const last = await stored.append(ref, size);
    await deleteVersions(last, size, [5, 6]);
    const corrupt = { code: 'corrupt-aggregate', aggregate: ref, missingVersion: 5, foundVersion: 7 };
    for (const options of [{}, { fromVersion: 2 }, { fromVersion: 2, toVersion: 8 }, { toVersion: 6, limit: 6 }]) {
      for (const direction of BOTH_WAYS) {
        await expect(read(ref, { ...options, direction })).rejects.toMatchObject(corrupt);
      }
    }
    expect(versionsOf(await read(ref, { fromVersion: 7 }))).toEqual(range(7, size));
    expect(versionsOf(await read(ref, { toVersion: 4 }))).toEqual([1, 2, 3, 4]);
  });

  it.each([10, 1_500])('at its beginning is corrupt unless retention took them, of %s events', async (size) => {
    const ref = order();
    const last = await stored.append(ref, size);
    await deleteVersions(last, size, [1, 2, 3]);
    for (const direction of BOTH_WAYS) {
      await expect(read(ref, { direction })).rejects.toMatchObject({ missingVersion: 1, foundVersion: 4 });
    }

    stored.swept.add('EVENTS');
    const ways: ReadAggregateOptions[] = [{}, { fromVersion: 2 }, { toVersion: 9 }, { limit: 5 }, { fromVersion: 4 }];
    for (const options of ways) {
      for (const direction of BOTH_WAYS) {
        const events = stored.aggregates.readAggregate(ref, { ...options, direction });
        const kept = range(Math.max(4, options.fromVersion ?? 1), options.toVersion ?? size);
        if (direction === 'backwards') kept.reverse();
        expect(versionsOf(await collect(events))).toEqual(kept.slice(0, options.limit ?? size));
        expect(events.retainedFromVersion).toBe(4);
      }
    }
    expect(await read(ref, { toVersion: 2 })).toEqual([]);
  });

  it('of which only the head is left is found by the search for its beginning', async () => {
    const ref = order();
    const last = await stored.append(ref, 200);
    await deleteVersions(last, 200, range(1, 199));
    stored.swept.add('EVENTS');
    const events = stored.aggregates.readAggregate(ref, { fromVersion: 3 });
    expect(versionsOf(await collect(events))).toEqual([200]);
    expect(events.retainedFromVersion).toBe(200);
  });

  it('is corrupt where events are missing behind what retention took', async () => {
    const ref = order();
    const last = await stored.append(ref, 100);
    await deleteVersions(last, 100, [1, 2, 3, 50]);
    stored.swept.add('EVENTS');
    for (const options of [{}, { fromVersion: 10 }]) {
      await expect(read(ref, options)).rejects.toMatchObject({ missingVersion: 50, foundVersion: 51 });
    }
  });
});

describe('an aggregate with messages that Annals does not write', () => {
  const body = (version: unknown) =>
    JSON.stringify({ messageId: 'm', type: 'a', timestamp: '2024-01-01T00:00:00Z', version });

  it.each([
    ['no JSON', '2.a', 'oops'],
    ['no envelope', '2.a', '{}'],
    ['no version in the subject', 'x.a', body(2)],
    ['another version in the body', '2.a', body(3)],
    ['a version a second time', '1.other', body(1)],
  ])('names the position of one with %s', async (_, rest, content) => {
    const ref = order();
    await stored.append(ref, 1);
    const sequence = await stored.publishForeign(`${stored.prefixOf(ref)}.${rest}`, content);
    const corrupt = { code: 'corrupt-event', position: { stream: 'EVENTS', sequence } };
    await expect(read(ref)).rejects.toMatchObject(corrupt);
  });
});

describe('a read that cannot be', () => {
  const cases: [string, ResolvedAggregateRef, ReadAggregateOptions][] = [
    ['aggregateId', { ...order(), id: '' }, {}],
    ['aggregateType', { ...order(), type: 'x'.repeat(201) }, {}],
    ['tenantId', { ...order(), tenantId: '\ud800' }, {}],
    ['fromVersion', order(), { fromVersion: 0 }],
    ['limit', order(), { limit: 1.5 }],
    ['fromVersion', order(), { fromVersion: 3, toVersion: 2 }],
  ];
  it.each(cases)('is refused for its %s before anything is sent', async (path, ref, options) => {
    const requests = stored.countRequests();
    await expect(read(ref, options)).rejects.toMatchObject({ code: 'validation-failed', errors: [{ path }] });
    expect(requests()).toBe(0);
  });
});

function expected(size: number, options: ReadAggregateOptions): number[] {
  const { fromVersion = 1, toVersion = size, limit, direction } = options;
  const versions = range(1, size).filter((version) => version >= fromVersion && version <= toVersion);
  if (direction === 'backwards') versions.reverse();
  return versions.slice(0, limit ?? size);
}
