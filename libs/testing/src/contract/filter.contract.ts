import { beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { EventFilter, RecordedEvent } from '@annals/core';
import { type ContractContext, collect, event, range } from './contract-context.ts';

const TYPES = ['user.created', 'user.updated', 'user.email.changed', 'order.placed', 'User.created', 'user'];
const AGGREGATE_TYPES = ['user', 'order', 'us.er', 'User'];
const IDS = ['1', '2', 'a.b', '*', '-'];

/** Which events a filter means, for `readAll` and `count`. */
export function filterContract(context: ContractContext): void {
  describe('a filter', () => {
    const tenantId = context.unique('tenant');
    let stored: RecordedEvent[];

    beforeAll(async () => {
      for (const n of range(0, 59)) {
        const one = { ...event(TYPES[n % TYPES.length], n), timestamp: timeOf(n) };
        const ref = { tenantId, type: AGGREGATE_TYPES[n % 4]!, id: IDS[n % 5]! };
        if (n % 7 === 6) await context.store.appendAll([{ tenantId, events: [one] }]);
        else await context.store.append(ref, one);
      }
      stored = await context.readTenant(tenantId);
    });

    /** What both ways to ask find, by the numbers in the events' data. */
    async function find(filter: EventFilter): Promise<number[]> {
      const chosen = { tenantId, ...filter };
      const found = (await collect(context.store.readAll(chosen))).map(({ data }) => data as number);
      const backwards = await collect(context.store.readAll({ ...chosen, direction: 'backwards' }));
      expect(backwards.map(({ data }) => data).reverse()).toEqual(found);
      expect(await context.store.count(chosen)).toBe(found.length);
      return found;
    }

    const where = (condition: (event: RecordedEvent) => boolean) => stored.filter(condition).map(({ data }) => data);

    it('without fields means all events of the tenant', async () => {
      expect(await find({})).toEqual(range(0, 59));
    });

    it.each(AGGREGATE_TYPES)('means the aggregate type %p', async (aggregateType) => {
      expect(await find({ aggregateType })).toEqual(where((e) => e.aggregateType === aggregateType));
    });

    it.each(IDS)('means the aggregate id %p in all types', async (aggregateId) => {
      expect(await find({ aggregateId })).toEqual(where((e) => e.aggregateId === aggregateId));
    });

    it('means one aggregate by type and id', async () => {
      const expected = where((e) => e.aggregateType === 'order' && e.aggregateId === 'a.b');
      expect(expected).not.toEqual([]);
      expect(await find({ aggregateType: 'order', aggregateId: 'a.b' })).toEqual(expected);
    });

    it.each<[pattern: string, means: string[]]>([
      ['user.created', ['user.created']],
      ['USER.created', []],
      ['user', ['user']],
      ['user.*', ['user.created', 'user.updated']],
      ['user.>', ['user.created', 'user.updated', 'user.email.changed']],
      ['*.created', ['user.created', 'User.created']],
      ['*', ['user']],
      ['*.>', ['user.created', 'user.updated', 'user.email.changed', 'order.placed', 'User.created']],
      ['*.*.changed', ['user.email.changed']],
      ['user.*.*', ['user.email.changed']],
      ['user.*.>', ['user.email.changed']],
      ['>', TYPES],
      ['user.created.>', []],
    ])('means the event types %p', async (pattern, types) => {
      expect(await find({ eventTypes: [pattern] })).toEqual(where(({ type }) => types.includes(type)));
    });

    it('means any of several event types, and each event once where they overlap', async () => {
      const eventTypes = ['user.created', 'user.*', 'user.>', '*.created', 'user.created'];
      const types = ['user.created', 'user.updated', 'user.email.changed', 'User.created'];
      expect(await find({ eventTypes })).toEqual(where(({ type }) => types.includes(type)));
      expect(await find({ eventTypes: ['order.placed', 'user'] })).toEqual(
        where(({ type }) => type === 'order.placed' || type === 'user'),
      );
    });

    it('takes 100 event types', async () => {
      const eventTypes = [...range(1, 98).map((n) => `unknown.t${n}`), 'user', 'order.placed'];
      expect(await find({ eventTypes })).toEqual(where(({ type }) => type === 'user' || type === 'order.placed'));
    });

    it('means the time when events happened, both ends included, whatever order they came in', async () => {
      expect(await find({ fromTimestamp: timeOf(20), toTimestamp: timeOf(30) })).toEqual(
        range(0, 59).filter((n) => timeOf(n) >= timeOf(20) && timeOf(n) <= timeOf(30)),
      );
      expect(await find({ fromTimestamp: '2024-01-01T02:00:00+02:00', toTimestamp: '2024-01-01T00:00:00Z' })).toEqual(
        range(0, 59).filter((n) => timeOf(n) === '2024-01-01T00:00:00.000Z'),
      );
    });

    it('means the time when events were recorded, both ends included', async () => {
      const [first, last] = [stored[10]!.recordedAt, stored[20]!.recordedAt];
      const found = await find({ recordedFrom: first, recordedTo: last });
      const [before, after] = [stored[9]!.recordedAt, stored[21]!.recordedAt];
      expect(found).toEqual(expect.arrayContaining(range(10, 20)));
      if (before !== first) expect(found).not.toContain(9);
      if (after !== last) expect(found).not.toContain(21);
      expect(await find({ recordedFrom: '2100-01-01T00:00:00Z' })).toEqual([]);
      expect(await find({ recordedTo: '2000-01-01T00:00:00Z' })).toEqual([]);
    });

    it('means a range of versions, in which events without aggregate never are', async () => {
      const versions = (from: number, to: number) => where(({ version }) => version! >= from && version! <= to);
      expect(await find({ fromVersion: 2 })).toEqual(versions(2, Infinity));
      expect(await find({ toVersion: 1 })).toEqual(versions(1, 1));
      expect(await find({ fromVersion: 2, toVersion: 3 })).toEqual(versions(2, 3));
      expect(await find({ fromVersion: 1 })).toEqual(where(({ version }) => version !== undefined));
    });

    it('means what all its fields say together', async () => {
      const name = <T extends string>(values: readonly T[]) =>
        fc.option(fc.constantFrom(...values), { nil: undefined });
      const number = (max: number) => fc.option(fc.integer({ min: 1, max }), { nil: undefined });
      const filters = fc.record({
        aggregateType: name(AGGREGATE_TYPES),
        aggregateId: name(IDS),
        eventTypes: fc.option(fc.subarray(TYPES, { minLength: 1 }), { nil: undefined }),
        from: number(59),
        to: number(59),
        fromVersion: number(3),
        toVersion: number(3),
        limit: number(20),
      });
      await fc.assert(
        fc.asyncProperty(filters, async ({ from, to, limit, ...fields }) => {
          fc.pre((fields.fromVersion ?? 1) <= (fields.toVersion ?? 3));
          const [fromTimestamp, toTimestamp] = [from, to].map((n) => (n === undefined ? undefined : timeOf(n)));
          fc.pre(fromTimestamp === undefined || toTimestamp === undefined || fromTimestamp <= toTimestamp);
          const filter = { ...fields, fromTimestamp, toTimestamp };
          const expected = where((e) => means(filter, e));
          expect(await find(filter)).toEqual(expected);
          const limited = await collect(context.store.readAll({ tenantId, ...filter, limit }));
          expect(limited.map(({ data }) => data)).toEqual(expected.slice(0, limit));
        }),
        { numRuns: 25 },
      );
    });

    it('of count may be left out, and then counts the whole store', async () => {
      const before = await context.store.count();
      await context.append(context.aggregate(), [event(), event()]);
      expect((await context.store.count()) - before).toBeGreaterThanOrEqual(2);
    });
  });
}

/** Times that do not ascend with the events. */
function timeOf(n: number): string {
  return new Date(Date.UTC(2024, 0, 1) + ((n * 37) % 60) * 3_600_000).toISOString();
}

/** The filter's meaning, spelled out field by field. */
function means(filter: EventFilter, found: RecordedEvent): boolean {
  const checks: [given: unknown, holds: () => boolean][] = [
    [filter.aggregateType, () => found.aggregateType === filter.aggregateType],
    [filter.aggregateId, () => found.aggregateId === filter.aggregateId],
    [filter.eventTypes, () => filter.eventTypes!.includes(found.type)],
    [filter.fromTimestamp, () => Date.parse(found.timestamp) >= Date.parse(filter.fromTimestamp!)],
    [filter.toTimestamp, () => Date.parse(found.timestamp) <= Date.parse(filter.toTimestamp!)],
    [filter.fromVersion, () => (found.version ?? 0) >= filter.fromVersion!],
    [filter.toVersion, () => (found.version ?? Infinity) <= filter.toVersion!],
  ];
  return checks.every(([given, holds]) => given === undefined || holds());
}
