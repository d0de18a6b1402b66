import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore } from '@annals/core';
import { type TestNatsCluster, eventually, startNatsCluster } from '@annals/testing';
import { describeFollow } from '@annals/testing/contract';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { openJetStreamStore } from '../index.ts';
import { appendNumbered, followNumbers } from './followed-numbers.spec-support.ts';

let cluster: TestNatsCluster;

beforeAll(async () => {
  cluster = await startNatsCluster({ size: 3 });
}, 60_000);

afterAll(() => cluster?.stop());

describeFollow('JetStream with three copies', {
  open: () => openJetStreamStore({ servers: cluster.urls, replicas: 3 }),
  sharesData: true,
  replicated: true,
});

describe('following three copies', () => {
  const stores: EventStore[] = [];
  const open = async (...servers: string[]) => {
    const store = await openJetStreamStore({ servers, replicas: 3, appendTimeoutMs: 30_000 });
    stores.push(store);
    return store;
  };
  afterAll(() => Promise.all(stores.map((store) => store.close())));

  it('goes on when the leader is killed, and wherever its consumer lives', async () => {
    const writer = await open(...cluster.urls);
    const followers = await Promise.all(cluster.urls.map(async (url) => followNumbers(await open(url), 'killed')));
    for (const follower of followers) await follower.caughtUp;
    await appendNumbered(writer, 'killed', 1, 200);
    const leader = await leaderOf(cluster);
    await leader.kill();
    await appendNumbered(writer, 'killed', 201, 400);
    await leader.restart();
    await cluster.waitUntilHealthy();
    await appendNumbered(writer, 'killed', 401, 600);
    for (const follower of followers) {
      await eventually(() => follower.numbers.length >= 600, { deadlineMs: 40_000 });
      expect(follower.numbers).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
      await follower.leave();
    }
  }, 90_000);
});

async function leaderOf({ servers, urls }: TestNatsCluster) {
  const nc = await connect({ servers: [...urls] });
  try {
    const manager = await jetstreamManager(nc);
    const leader = (await manager.streams.info('EVENTS')).cluster?.leader;
    return servers.find(({ name }) => name === leader)!;
  } finally {
    await nc.close();
  }
}
