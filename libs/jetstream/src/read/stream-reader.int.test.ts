import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  type EventFilter,
  type ReadAllOptions,
  type RecordedEvent,
  compareTimestamps,
  matchesFilter,
} from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { StoredStream, collect } from './stored-stream.spec-support.ts';

const TENANTS = ['acme', 'über & co.', '-'];
const AGGREGATE_TYPES = ['order', 'cart', 'a.b'];
const IDS = ['1', '2', 'x y'];
const EVENT_TYPES = ['order.placed', 'order.paid', 'cart.paid', 'order.line.added', 'closed'];
const PATTERNS = [...EVENT_TYPES, '>', 'order.*', '*.paid', 'order.>', '*', '*.*', '*.line.>', 'unknown.type'];

/** Fills streams with events of all kinds in no particular order. */
async function fill(stored: StoredStream, size: number): Promise<void> {
  // The same every time: a test that fails can be looked at.
  let seed = 7;
  const pick = <T>(list: readonly T[]): T => list[(seed = (seed * 16_807) % 2_147_483_647) % list.length]!;
  for (let i = 0; i < size; i++) {
    const timestamp = `2024-01-${pick(['01', '02', '03', '04'])}T00:00:00.${pick(['', '1', '12'])}0Z`;
    const event = { type: pick(EVENT_TYPES), timestamp, data: { i } };
    if (i % 5 === 0) await stored.appendLoose(pick(TENANTS), event);
    else await stored.append({ tenantId: pick(TENANTS), type: pick(AGGREGATE_TYPES), id: pick(IDS) }, [event]);
  }
}

function inStoreOrder(events: readonly RecordedEvent[]): RecordedEvent[] {
  const name = ({ position }: RecordedEvent): string => position.stream;
  return [...events].sort(
    (a, b) =>
      compareTimestamps(a.recordedAt, b.recordedAt) ||
      (name(a) < name(b) ? -1 : name(a) > name(b) ? 1 : a.position.sequence - b.position.sequence),
  );
}

/** What `readAll` has to answer, out of all events in store order. */
function expected(all: readonly RecordedEvent[], options: ReadAllOptions): RecordedEvent[] {
  const backwards = options.direction === 'backwards';
  const wanted = all.filter((event) => {
    const after = options.after?.find(({ stream }) => stream === event.position.stream)?.sequence;
    const { sequence } = event.position;
    if (after !== undefined && (backwards ? sequence >= after : sequence <= after)) return false;
    return matchesFilter(event, options);
  });
  if (backwards) wanted.reverse();
  return wanted.slice(0, options.limit ?? wanted.length);
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

function filters(all: readonly RecordedEvent[]): fc.Arbitrary<EventFilter> {
  const time = fc.constantFrom('2024-01-01T00:00:00Z', '2024-01-02T00:00:00.1Z', '2024-01-04T00:00:00Z');
  const recorded = fc.constantFrom(...all.map(({ recordedAt }) => recordedAt));
  const version = fc.integer({ min: 1, max: 20 });
  return fc
    .record({
      tenantId: maybe(fc.constantFrom(...TENANTS, 'nobody')),
      aggregateType: maybe(fc.constantFrom(...AGGREGATE_TYPES)),
      aggregateId: maybe(fc.constantFrom(...IDS)),
      eventTypes: maybe(fc.uniqueArray(fc.constantFrom(...PATTERNS), { minLength: 1, maxLength: 4 })),
      fromTimestamp: maybe(time),
      toTimestamp: maybe(time),
      recordedFrom: maybe(recorded),
      recordedTo: maybe(recorded),
      fromVersion: maybe(version),
      toVersion: maybe(version),
    })
    .filter(
      ({ fromTimestamp, toTimestamp, recordedFrom, recordedTo, fromVersion, toVersion }) =>
        !(fromTimestamp && toTimestamp && compareTimestamps(fromTimestamp, toTimestamp) > 0) &&
        !(recordedFrom && recordedTo && compareTimestamps(recordedFrom, recordedTo) > 0) &&
        !(fromVersion && toVersion && fromVersion > toVersion),
    );
}

describe.each([
  ['one stream', undefined],
  [
    'several streams',
    {
      streams: [
        { stream: 'ORDERS', aggregateTypes: ['order'] },
        { stream: 'C', aggregateTypes: ['cart'] },
      ],
    },
  ],
] as const)('a store of %s', (_, topology) => {
  let server: TestNatsServer;
  let stored: StoredStream;
  let all: RecordedEvent[];

  beforeAll(async () => {
    server = await startNatsServer();
    stored = await StoredStream.open(server.url, topology ? { topology } : {});
    await fill(stored, 400);
    all = inStoreOrder(await collect(stored.streams.readAll()));
  });

  afterAll(async () => {
    await stored?.close();
    await server?.stop();
  });

  it('is read whole in the order in which it was written', async () => {
    const numbers = (await collect(stored.streams.readAll())).map(({ data }) => (data as { i: number }).i);
    expect(numbers).toEqual(Array.from({ length: 400 }, (_, i) => i));
  });

  it('answers every filter, limit and direction as a list of all events would', async () => {
    const position = fc.constantFrom(...all.map((event) => event.position));
    const options = fc.record({
      filter: filters(all),
      limit: maybe(fc.integer({ min: 1, max: 500 })),
      direction: maybe(fc.constantFrom('forwards' as const, 'backwards' as const)),
      after: maybe(fc.uniqueArray(position, { selector: ({ stream }) => stream, maxLength: 3 })),
    });
    await fc.assert(
      fc.asyncProperty(options, async ({ filter, ...rest }) => {
        const read = { ...filter, ...rest };
        const found = await collect(stored.streams.readAll(read));
        expect(found).toEqual(expected(all, read));
      }),
      { numRuns: 150 },
    );
  });

  it('counts what it would read', async () => {
    await fc.assert(
      fc.asyncProperty(filters(all), async (filter) => {
        expect(await stored.streams.count(filter)).toBe(expected(all, filter).length);
      }),
      { numRuns: 150 },
    );
  });

  it('leaves no consumer behind, however a read ends', async () => {
    const { streams, topology } = stored;
    for (const direction of ['forwards', 'backwards'] as const) {
      await collect(streams.readAll({ direction }));
      for await (const _event of streams.readAll({ direction })) break;
      const aborted = collect(streams.readAll({ direction, signal: AbortSignal.timeout(1) }));
      await aborted.catch(() => {});
    }
    await streams.count({ tenantId: 'acme' });
    await streams.count({ fromTimestamp: '2024-01-02T00:00:00Z' });
    for (const { name } of topology.bindings) await eventually(async () => (await stored.consumers(name)) === 0);
  });
});
