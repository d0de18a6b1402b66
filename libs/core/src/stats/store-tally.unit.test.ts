import fc from 'fast-check';
import { compareTimestamps } from '../time/timestamp.ts';
import { StoreTally, statsOf } from './store-tally.ts';
import { type CountedEvent } from './tally.ts';
import { fromTallyRecord, toTallyRecord } from './tally-record.ts';

const name = fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor', 'ü.*>', '-');
const timestamp = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }),
    fc.constantFrom('', '.5', '.123456789', '.000'),
  )
  .map(([date, fraction]) => `${date.toISOString().slice(0, 19)}${fraction}Z`);
const event: fc.Arbitrary<CountedEvent> = fc.oneof(
  fc.record({ tenantId: name, type: name, aggregateType: name, version: fc.integer({ min: 1, max: 4 }), timestamp }),
  fc.record({ tenantId: name, type: name, timestamp }),
);
const events = fc.array(event, { maxLength: 60 });

const fold = (list: readonly CountedEvent[]): StoreTally => {
  const tally = new StoreTally();
  for (const one of list) tally.add(one);
  return tally;
};

/** Counts without folding: every question is asked of the whole list. */
function count(list: readonly CountedEvent[], tenantId?: string) {
  const own = list.filter((e) => tenantId === undefined || e.tenantId === tenantId);
  const by = (key: 'type' | 'aggregateType') =>
    Object.fromEntries(
      [...new Set(own.flatMap((e) => e[key] ?? []))].map((value) => [
        value,
        own.filter((e) => e[key] === value).length,
      ]),
    );
  const times = own.flatMap((e) => e.timestamp ?? []).sort(compareTimestamps);
  return {
    totalEvents: own.length,
    uniqueAggregates: own.filter((e) => e.version === 1).length,
    eventTypes: new Set(own.map((e) => e.type)).size,
    eventTypeBreakdown: by('type'),
    aggregateTypeBreakdown: by('aggregateType'),
    times: { earliest: times[0], latest: times.at(-1) },
  };
}

/** Ends of a range may be written with other digits for the same instant. */
function expectSame(stats: ReturnType<typeof statsOf>, { times, ...counts }: ReturnType<typeof count>): void {
  const { timeRange, ...rest } = stats;
  expect(rest).toEqual(counts);
  for (const end of ['earliest', 'latest'] as const) {
    if (times[end] === undefined) expect(timeRange[end]).toBeNull();
    else expect(compareTimestamps(timeRange[end]!, times[end])).toBe(0);
  }
}

describe('StoreTally', () => {
  it('folds to what a full count says, for every tenant and for all', () => {
    fc.assert(
      fc.property(events, name, (list, tenantId) => {
        const tally = fold(list);
        expectSame(statsOf([{ counted: tally }]), count(list));
        expectSame(statsOf([{ counted: tally }], tenantId), count(list, tenantId));
      }),
    );
  });

  it('adds up over streams, wherever the events are cut', () => {
    fc.assert(
      fc.property(events, fc.nat(60), name, (list, at, tenantId) => {
        const parts = [{ counted: fold(list.slice(0, at)) }, { counted: fold(list.slice(at)) }];
        expectSame(statsOf(parts), count(list));
        expectSame(statsOf(parts, tenantId), count(list, tenantId));
        const merged = fold(list.slice(at));
        merged.addAll(parts[0]!.counted);
        expectSame(statsOf([{ counted: merged }], tenantId), count(list, tenantId));
      }),
    );
  });

  it('is the same after it was stored and read back', () => {
    fc.assert(
      fc.property(events, name, (list, tenantId) => {
        const stored: unknown = JSON.parse(JSON.stringify(toTallyRecord(fold(list))));
        const tally = fromTallyRecord(stored)!;
        expectSame(statsOf([{ counted: tally }]), count(list));
        expectSame(statsOf([{ counted: tally }], tenantId), count(list, tenantId));
      }),
    );
  });

  it('takes removed events out of all counts but the aggregates that they began', () => {
    fc.assert(
      fc.property(events, events, name, (removed, kept, tenantId) => {
        const counted = fold([...removed, ...kept]);
        for (const tenant of [undefined, tenantId]) {
          const stats = statsOf([{ counted, removed: fold(removed) }], tenant);
          const { times: _, uniqueAggregates: __, ...counts } = count(kept, tenant);
          expect(stats).toMatchObject(counts);
          expect(Object.keys(stats.eventTypeBreakdown)).toHaveLength(counts.eventTypes);
          expect(stats.uniqueAggregates).toBe(count([...removed, ...kept], tenant).uniqueAggregates);
          if (counts.totalEvents === 0) expect(stats.timeRange).toEqual({ earliest: null, latest: null });
        }
      }),
    );
  });

  it('passes over the store’s own events', () => {
    const tally = fold([{ tenantId: 't', type: 'annals.event.redacted', aggregateType: 'a', version: 1 }]);
    expect(statsOf([{ counted: tally }])).toMatchObject({
      totalEvents: 0,
      uniqueAggregates: 0,
      aggregateTypeBreakdown: {},
    });
  });

  it('counts an event with a timestamp that is none, and leaves the range alone', () => {
    const tally = fold([
      { tenantId: 't', type: 'a', timestamp: '2024-01-01T00:00:00Z' },
      { tenantId: 't', type: 'a', timestamp: '9' },
      { tenantId: 't', type: 'a', timestamp: '' },
      { tenantId: 't', type: 'a', timestamp: '2024-01-01T00:00:00' },
      { tenantId: 't', type: 'a' },
    ]);
    expect(statsOf([{ counted: tally }])).toMatchObject({
      totalEvents: 5,
      timeRange: { earliest: '2024-01-01T00:00:00Z', latest: '2024-01-01T00:00:00Z' },
    });
  });
});

describe('fromTallyRecord', () => {
  it.each([
    null,
    undefined,
    7,
    'x',
    [],
    {},
    { tenants: {} },
    { tenants: [7] },
    { tenants: [['t']] },
    { tenants: [['t', { events: -1, aggregates: 0, types: [], aggregateTypes: [] }]] },
    { tenants: [['t', { events: 1.5, aggregates: 0, types: [], aggregateTypes: [] }]] },
    { tenants: [['t', { events: 1, aggregates: 0, types: [['a']], aggregateTypes: [] }]] },
    { tenants: [['t', { events: 1, aggregates: 0, types: [['a', 1]] }]] },
    { tenants: [['t', { events: 1, aggregates: 0, types: [], aggregateTypes: [], earliest: 5 }]] },
  ])('takes %j for no tally', (record) => expect(fromTallyRecord(record)).toBeUndefined());

  it('never throws, whatever is stored', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => void fromTallyRecord(value)));
    fc.assert(fc.property(fc.array(fc.array(fc.jsonValue())), (tenants) => void fromTallyRecord({ tenants })));
  });
});
