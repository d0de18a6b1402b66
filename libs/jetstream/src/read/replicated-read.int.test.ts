import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ResolvedAggregateRef } from '@annals/core';
import { type TestNatsCluster, eventually, startNatsCluster } from '@annals/testing';
import { AggregateLoader } from './aggregate-loader.ts';
import { StoredStream, collect, range, versionsOf } from './stored-stream.spec-support.ts';

let cluster: TestNatsCluster;
/** One that reads through each of the servers, and writes. */
let stores: StoredStream[] = [];

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  for (const url of cluster.urls) stores.push(await StoredStream.open(url, { replicas: 3 }));
}, 60_000);

afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  stores = [];
  await cluster?.stop();
});

describe('reads of three replicas', () => {
  it('see everything that their process was told is stored, at once', async () => {
    for (let i = 0; i < 60; i++) {
      const store = stores[i % 3]!;
      const ref: ResolvedAggregateRef = { tenantId: `t${i}`, type: 'order', id: String(i) };
      const loader = new AggregateLoader(store.aggregates, 1_000_000);
      for (const added of [1, 3, 20]) {
        const last = await store.append(ref, added);
        store.known.set(store.prefixOf(ref), last);
        const version = (await store.aggregates.source(ref).head())!.version;
        const { aggregates, streams } = store;
        expect(versionsOf(await collect(aggregates.readAggregate(ref)))).toEqual(range(1, version));
        expect(versionsOf(await collect(aggregates.readAggregate(ref, { fromVersion: version })))).toEqual([version]);
        expect((await loader.load(ref)).version).toBe(version);
        expect(await streams.count({ tenantId: ref.tenantId })).toBe(version);
        expect(versionsOf(await collect(streams.readAll({ tenantId: ref.tenantId })))).toEqual(range(1, version));
        const newest = streams.readAll({ tenantId: ref.tenantId, direction: 'backwards', limit: 1 });
        expect(versionsOf(await collect(newest))).toEqual([version]);
      }
    }
  }, 60_000);

  it('find nothing where nothing is, though more is known of the stream', async () => {
    const [store] = stores as [StoredStream];
    const ref: ResolvedAggregateRef = { tenantId: 'nobody', type: 'order', id: 'none' };
    // What a writer says that no longer remembers the aggregate.
    store.known.set(store.prefixOf(ref), await store.append({ tenantId: 'x', type: 'order', id: 'x' }, 5));
    expect(await collect(store.aggregates.readAggregate(ref))).toEqual([]);
    expect(await collect(store.aggregates.readAggregate(ref, { fromVersion: 2 }))).toEqual([]);
    expect((await new AggregateLoader(store.aggregates, 1_000_000).load(ref)).version).toBe(0);
    expect(await collect(store.streams.readAll({ tenantId: 'nobody' }))).toEqual([]);
    expect(await store.streams.count({ tenantId: 'nobody' })).toBe(0);
  });

  it('go on when a server is lost', async () => {
    const [a, b, c] = stores as [StoredStream, StoredStream, StoredStream];
    const ref: ResolvedAggregateRef = { tenantId: 'lost', type: 'order', id: '1' };
    await a.append(ref, 5_000);
    const seen: number[] = [];
    for await (const event of b.streams.readAll({ tenantId: 'lost' })) {
      seen.push(event.version!);
      // The server that this reader talks to.
      if (seen.length === 1_000) await cluster.servers[1]!.kill();
      if (seen.length === 1_000) await cluster.servers[1]!.restart();
    }
    expect(seen).toEqual(range(1, 5_000));
    await cluster.waitUntilHealthy();
    // The stream may still be electing a leader on a machine that is busy.
    expect(await eventually(() => c.streams.count({ tenantId: 'lost' }), { deadlineMs: 30_000 })).toBe(5_000);
  }, 60_000);
});
