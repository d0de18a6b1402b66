import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ReadAggregateOptions } from '@annals/core';
import {
  type ContractContext,
  type TestAggregate,
  collect,
  event,
  numbered,
  range,
  versionsOf,
} from './contract-context.ts';

/** A size above what JetStream hands out in one answer (1,024 subjects). */
const LARGE = 1_025;

/** Reading one aggregate's events. */
export function aggregateReadContract(context: ContractContext): void {
  const read = (aggregate: TestAggregate, options?: ReadAggregateOptions) =>
    collect(context.store.readAggregate(aggregate, options));

  describe('readAggregate', () => {
    it('finds nothing in an unknown aggregate', async () => {
      const order = context.aggregate();
      expect(await read(order)).toEqual([]);
      expect(await read(order, { fromVersion: 5, direction: 'backwards', limit: 3 })).toEqual([]);
    });

    it('gives position and recording time, which both ascend', async () => {
      const order = context.aggregate();
      const before = Date.now() - 1_000;
      for (let i = 0; i < 3; i++) await context.append(order, event());
      const stored = await read(order);
      const sequences = stored.map(({ position }) => position.sequence);
      expect(sequences).toEqual([...sequences].sort((a, b) => a - b));
      const times = stored.map(({ recordedAt }) => recordedAt);
      for (const time of times) {
        expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/);
        expect(Math.abs(Date.parse(time) - before)).toBeLessThan(60_000);
      }
      expect(times.map(Date.parse)).toEqual(times.map(Date.parse).sort((a, b) => a - b));
    });

    it('gives every reader events of its own', async () => {
      const order = context.aggregate();
      await context.append(order, event('order.placed', { items: ['a'] }));
      const [first] = await read(order);
      (first!.data as { items: string[] }).items.push('changed by a reader');
      const [second] = await read(order);
      expect(second!.data).toEqual({ items: ['a'] });
    });

    it('sees only the aggregate asked for', async () => {
      const order = context.aggregate('order', 'a');
      for (const id of ['a', 'ab', 'a.b', 'A', 'b']) await context.append({ ...order, id }, event('order.placed', id));
      expect((await read(order)).map(({ data }) => data)).toEqual(['a']);
    });

    it('lets several reads of one aggregate go on side by side', async () => {
      const order = context.aggregate();
      await context.fill(order, 50);
      const forwards = context.store.readAggregate(order)[Symbol.asyncIterator]();
      const backwards = context.store.readAggregate(order, { direction: 'backwards' })[Symbol.asyncIterator]();
      for (const version of range(1, 50)) {
        expect((await forwards.next()).value).toMatchObject({ version });
        expect((await backwards.next()).value).toMatchObject({ version: 51 - version });
      }
      expect((await forwards.next()).done).toBe(true);
      expect((await backwards.next()).done).toBe(true);
    });

    it('says that nothing was taken by retention', async () => {
      const order = context.aggregate();
      await context.fill(order, 2);
      const events = context.store.readAggregate(order);
      await collect(events);
      expect(events.retainedFromVersion).toBeUndefined();
    });

    describe.each([1, 1_000, LARGE])('of %s events', (size) => {
      let aggregate: TestAggregate;
      beforeAll(async () => {
        aggregate = context.aggregate();
        await context.fill(aggregate, size);
      });

      it('gives all of them forwards', async () => {
        const events = await read(aggregate);
        expect(versionsOf(events)).toEqual(range(1, size));
        expect(events.map(({ data }) => (data as { n: number }).n)).toEqual(range(1, size));
      });

      it('gives all of them backwards', async () => {
        expect(versionsOf(await read(aggregate, { direction: 'backwards' }))).toEqual(range(1, size).reverse());
      });

      const ranges: ReadAggregateOptions[] = [
        { fromVersion: 1 },
        { toVersion: 1 },
        { fromVersion: size },
        { toVersion: size, limit: 1 },
        { fromVersion: size + 1 },
        { fromVersion: size, toVersion: size + 10 },
        { toVersion: Number.MAX_SAFE_INTEGER },
        { fromVersion: Number.MAX_SAFE_INTEGER },
        { limit: 1 },
        { limit: size },
        { limit: size + 1 },
        { limit: Number.MAX_SAFE_INTEGER },
        { fromVersion: 2, toVersion: Math.max(2, size - 1) },
        { fromVersion: 2, limit: 3 },
      ];
      it.each(ranges)('gives the range %j both ways', async (options) => {
        expect(versionsOf(await read(aggregate, options))).toEqual(expected(size, options));
        const backwards = { ...options, direction: 'backwards' as const };
        expect(versionsOf(await read(aggregate, backwards))).toEqual(expected(size, backwards));
      });
    });

    it('gives any range, in any direction, up to any limit', async () => {
      const aggregate = context.aggregate();
      await context.fill(aggregate, LARGE);
      const version = fc.option(fc.integer({ min: 1, max: LARGE + 5 }), { nil: undefined });
      const options = fc
        .record({
          fromVersion: version,
          toVersion: version,
          limit: fc.option(fc.integer({ min: 1, max: LARGE }), { nil: undefined }),
          direction: fc.constantFrom(undefined, 'forwards' as const, 'backwards' as const),
        })
        .filter(({ fromVersion = 1, toVersion = LARGE + 5 }) => fromVersion <= toVersion);
      await fc.assert(
        fc.asyncProperty(options, async (chosen) => {
          expect(versionsOf(await read(aggregate, chosen))).toEqual(expected(LARGE, chosen));
        }),
        { numRuns: 20 },
      );
    });

    it('goes on after the head that it found, when it is asked again', async () => {
      const order = context.aggregate();
      await context.fill(order, 3);
      expect(versionsOf(await read(order, { fromVersion: 4 }))).toEqual([]);
      await context.otherStore.append(order, numbered(2, 4));
      await context.whenSeen(async () => {
        expect(versionsOf(await read(order, { fromVersion: 4 }))).toEqual([4, 5]);
      });
    });
  });

  describe('aggregateTypesOf', () => {
    it('names the types under which the tenant has an aggregate of this id, sorted', async () => {
      const { tenantId } = context.aggregate();
      for (const type of ['order', 'Cart', 'a.b', 'user']) await context.fill({ tenantId, type, id: 'x.1' }, 2);
      await context.fill({ tenantId, type: 'other', id: 'x' }, 1);
      await context.store.appendAll([{ tenantId, events: [{ ...event(), messageId: 'x.1' }] }]);
      expect(await context.store.aggregateTypesOf('x.1', tenantId)).toEqual(['Cart', 'a.b', 'order', 'user']);
      expect(await context.store.aggregateTypesOf('x.1', context.unique('tenant'))).toEqual([]);
      expect(await context.store.aggregateTypesOf('unknown', tenantId)).toEqual([]);
    });

    it('looks in the tenant "default" where none is named', async () => {
      const id = context.unique('id');
      await context.store.append({ type: 'order', id }, event());
      expect(await context.store.aggregateTypesOf(id)).toEqual(['order']);
    });
  });
}

function expected(
  size: number,
  { fromVersion = 1, toVersion = size, limit, direction }: ReadAggregateOptions,
): number[] {
  const versions = range(1, size).filter((version) => version >= fromVersion && version <= toVersion);
  if (direction === 'backwards') versions.reverse();
  return versions.slice(0, limit ?? size);
}
