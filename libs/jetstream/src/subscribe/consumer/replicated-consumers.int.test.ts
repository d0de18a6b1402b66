import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsCluster, eventually, startNatsCluster } from '@annals/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { openJetStreamStore } from '../../index.ts';
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
  it('are counted exactly before they are set to another place', async () => {
    const own = await openJetStreamStore({ servers: cluster.urls, replicas: 3 });
    const { subscriptions } = own;
    const filter = { tenantId: 'previewed' };
    await subscriptions.create({ name: 'previewed', filter });
    for (let i = 1; i <= 20; i++) {
      const { events } = await own.append(
        { tenantId: 'previewed', type: 'user', id: 'u' },
        { type: 'user.seen', data: i },
      );
      const { position } = events[0]!;
      expect(await subscriptions.previewRewind('previewed', 'beginning')).toMatchObject({ events: i, again: 0 });
      const after = await subscriptions.previewRewind('previewed', { after: position });
      expect(after).toMatchObject({ events: 0, again: 0, skipped: i });
    }
    await own.close();
  }, 60_000);

  it('have as many copies, and keep their place when their leader is killed', async () => {
    const open = () => machinery(store.nc, store.topology, { replicas: 3 });
    const last = await store.append({ tenantId: 'copied', type: 'user', id: '1' }, 6);
    const { definition, from } = subscription({
      name: 'copied',
      filter: { tenantId: 'copied' },
      from: { after: { stream: 'EVENTS', sequence: last - 5 } },
    });
    const made = await Promise.all([1, 2, 3].map(() => open().keeper.ensure(definition, from)));
    const consumer = made[0]![0]!;
    const jsm = await jetstreamManager(store.nc);
    const info = await jsm.consumers.info('EVENTS', durableName('copied'));
    expect(info.cluster?.replicas).toHaveLength(2);
    expect((await jsm.streams.info(`KV_${SUBSCRIPTION_BUCKET}`)).config.num_replicas).toBe(3);
    expect(sequencesOf(await take(store.nc, consumer, { max: 2 }))).toEqual([last - 4, last - 3]);
    const { keeper } = open();
    await eventually(async () => (await keeper.state(consumer)).ackFloor === last - 3);
    const leader = cluster.servers.find(({ name }) => name === info.cluster?.leader)!;
    await leader.kill();
    await eventually(() => keeper.ensure(definition, from), { deadlineMs: 30_000 });
    await eventually(async () => (await keeper.state(consumer)).ackFloor === last - 3, { deadlineMs: 30_000 });
    const seen = await eventually(
      async () => {
        const taken = await take(store.nc, consumer);
        return taken.length > 0 && taken;
      },
      { deadlineMs: 30_000 },
    );
    expect(sequencesOf(seen)).toEqual([last - 2, last - 1, last]);
    await leader.restart();
  }, 90_000);
});
