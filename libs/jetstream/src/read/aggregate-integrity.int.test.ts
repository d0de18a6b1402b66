import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
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

afterEach(() => stored.swept.clear());

const order = (id = `order-${++nextId}`): ResolvedAggregateRef => ({ tenantId: 'acme', type: 'order', id });

const read = (ref: ResolvedAggregateRef, options?: ReadAggregateOptions) =>
  collect(stored.aggregates.readAggregate(ref, options));

/** Deletes versions of an aggregate that was appended alone, so that its sequences follow one another. */
async function deleteVersions(lastSequence: number, size: number, versions: readonly number[]): Promise<void> {
  for (const version of versions) await stored.delete('EVENTS', lastSequence - size + version);
}

const BOTH_WAYS = ['forwards', 'backwards'] as const;

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
