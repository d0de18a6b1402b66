import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ReadAggregateOptions, ResolvedAggregateRef } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
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

describe('an aggregate read from a server', () => {
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
          direction: fc.constantFrom(undefined, 'forwards' as const, 'backwards' as const),
        })
        .filter(({ fromVersion = 1, toVersion = Infinity }) => fromVersion <= toVersion);
      const runs = { numRuns: size > 5_000 ? 5 : 15 };
      await fc.assert(
        fc.asyncProperty(options, async (chosen) => {
          expect(versionsOf(await read(ref, chosen))).toEqual(expected(size, chosen));
        }),
        runs,
      );
    });
  });
});

function expected(
  size: number,
  { fromVersion = 1, toVersion = size, limit, direction }: ReadAggregateOptions,
): number[] {
  const versions = range(1, size).filter((version) => version >= fromVersion && version <= toVersion);
  if (direction === 'backwards') versions.reverse();
  return versions.slice(0, limit ?? size);
}
