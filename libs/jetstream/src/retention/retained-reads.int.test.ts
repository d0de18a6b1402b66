import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AggregateEvents, EventStore, RecordedEvent } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';

/** Nothing is kept for longer than a second, as nothing is safe to lose in a test. */
const SECOND_LONG = { days: 0.00001, everyMs: 1_000, settleMs: 0 } as const;
const user = (id: string) => ({ type: 'user', id });
const changes = (count: number) => Array.from({ length: count }, (_, i) => ({ type: 'user.changed', data: { i } }));

let server: TestNatsServer;
let sweeping: EventStore;
let other: EventStore;

beforeAll(async () => {
  server = await startNatsServer();
  sweeping = await openJetStreamStore({ servers: server.url, retention: SECOND_LONG });
  other = await openJetStreamStore({ servers: server.url });
});

afterAll(async () => {
  await sweeping?.close();
  await other?.close();
  await server?.stop();
});

async function versions(events: AggregateEvents): Promise<readonly number[]> {
  const found: RecordedEvent[] = [];
  for await (const event of events) found.push(event);
  return found.map(({ version }) => version!);
}

describe('a store with a retention', () => {
  it('keeps every aggregate’s newest event, and every reader is told from where the rest is stored', async () => {
    await sweeping.append(user('a'), changes(7));
    await sweeping.append(user('b'), changes(1));
    await sweeping.appendAll([{ events: [{ type: 'audit.noted', data: {} }] }]);
    await eventually(async () => (await other.load(user('a'), { cache: false })).events.length === 1, {
      deadlineMs: 20_000,
    });
    await eventually(async () => (await other.count()) === 2);

    for (const store of [sweeping, other]) {
      expect(await store.load(user('a'), { cache: false })).toMatchObject({ version: 7, retainedFromVersion: 7 });
      expect(await store.load(user('b'), { cache: false })).not.toHaveProperty('retainedFromVersion');
      expect(await store.currentVersion(user('a'))).toBe(7);
      const events = store.readAggregate(user('a'));
      expect(await versions(events)).toEqual([7]);
      expect(events.retainedFromVersion).toBe(7);
      expect(await store.stats()).toMatchObject({
        totalEvents: 2,
        uniqueAggregates: 2,
        eventTypeBreakdown: { 'user.changed': 2 },
        aggregateTypeBreakdown: { user: 2 },
      });
    }
  }, 60_000);

  it('takes appends at the version that is next, and refuses stale ones, as if nothing were missing', async () => {
    await expect(other.append(user('a'), changes(1), { expectedVersion: 1 })).rejects.toMatchObject({
      code: 'concurrency-conflict',
      actualVersion: 7,
    });
    await expect(other.append(user('a'), changes(1), { expectedVersion: 'none' })).rejects.toMatchObject({
      code: 'concurrency-conflict',
    });
    const { heads } = await other.append(user('a'), changes(2), { expectedVersion: 7 });
    expect(heads[0]!.version).toBe(9);
    await eventually(async () => (await other.load(user('a'), { cache: false })).retainedFromVersion === 9, {
      deadlineMs: 20_000,
    });
    expect((await other.stats()).totalEvents).toBe(await other.count());
  }, 60_000);
});
