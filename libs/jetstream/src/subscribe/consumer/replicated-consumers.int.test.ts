import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsCluster, eventually, startNatsCluster } from '@annals/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { StoredStream } from '../../read/stored-stream.spec-support.ts';
import { SUBSCRIPTION_BUCKET, durableName } from '../subscription-names.ts';
import { machinery, sequencesOf, subscription, take } from '../subscription.spec-support.ts';

let cluster: TestNatsCluster;
let store: StoredStream;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
  store = await StoredStream.open(cluster.urls, { replicas: 3 });
}, 60_000);

afterAll(async () => {
  await store?.close();
  await cluster?.stop();
});

describe('consumers of a stream with three copies', () => {
  it('have as many copies, and keep their place when their leader is killed', async () => {
    const open = () => machinery(store.nc, store.topology, { replicas: 3 });
    await store.append({ tenantId: 't', type: 'user', id: '1' }, 6);
    const { definition, from } = subscription({ name: 'copied', from: { after: { stream: 'EVENTS', sequence: 1 } } });
    const made = await Promise.all([1, 2, 3].map(() => open().keeper.ensure(definition, from)));
    const consumer = made[0]![0]!;
    const jsm = await jetstreamManager(store.nc);
    const info = await jsm.consumers.info('EVENTS', durableName('copied'));
    expect(info.cluster?.replicas).toHaveLength(2);
    expect((await jsm.streams.info(`KV_${SUBSCRIPTION_BUCKET}`)).config.num_replicas).toBe(3);
    expect(sequencesOf(await take(store.nc, consumer, { max: 2 }))).toEqual([2, 3]);
    const { keeper } = open();
    await eventually(async () => (await keeper.state(consumer)).ackFloor === 3);
    const leader = cluster.servers.find(({ name }) => name === info.cluster?.leader)!;
    await leader.kill();
    await eventually(() => keeper.ensure(definition, from), { deadlineMs: 30_000 });
    await eventually(async () => (await keeper.state(consumer)).ackFloor === 3, { deadlineMs: 30_000 });
    const seen = await eventually(
      async () => {
        const taken = await take(store.nc, consumer);
        return taken.length > 0 && taken;
      },
      { deadlineMs: 30_000 },
    );
    expect(sequencesOf(seen)).toEqual([4, 5, 6]);
    await leader.restart();
  }, 90_000);
});
