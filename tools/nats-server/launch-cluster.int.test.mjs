import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../process/wait-until.mjs';
import { launchNatsCluster } from './index.mjs';
/** @import { NatsConnection } from '@nats-io/transport-node' */
/** @import { RunningNatsCluster } from './index.mjs' */

/** @type {string} */
let dataDir;
/** @type {RunningNatsCluster} */
let cluster;
/** @type {NatsConnection} */
let connection;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'annals-cluster-'));
  cluster = await launchNatsCluster({ dataDir });
  connection = await connect({ servers: [...cluster.urls], maxReconnectAttempts: -1 });
}, 120_000);
afterEach(async () => {
  await connection.close();
  await cluster.stop();
  await rm(dataDir, { recursive: true, force: true });
});

describe('a launched cluster', () => {
  test('has three members, one leader, and takes a stream with three replicas at once', async () => {
    expect(cluster.servers.map(({ name }) => name)).toEqual(['annals-1', 'annals-2', 'annals-3']);
    expect(cluster.servers.map(({ name }) => name)).toContain(await cluster.metaLeader());
    const manager = await jetstreamManager(connection);
    const info = await manager.streams.add({ name: 'REPLICATED', subjects: ['replicated.>'], num_replicas: 3 });
    expect(info.cluster?.replicas).toHaveLength(2);
  });

  test('elects another leader when its leader is killed, and takes the old one back with its data', async () => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'REPLICATED', subjects: ['replicated.>'], num_replicas: 3 });
    // The server that we are connected to hears of a new stream's subjects a moment after the stream is there.
    const publish = () => jetstream(connection).publish('replicated.1', 'before', { msgID: 'once' });
    await waitUntil(
      () =>
        publish().then(
          () => true,
          () => false,
        ),
      {
        timeoutMs: 10_000,
        otherwise: () => new Error('the stream takes no message'),
      },
    );

    const leaderName = await cluster.metaLeader();
    const leader = cluster.servers.find(({ name }) => name === leaderName);
    if (!leader) throw new Error('no leader');
    await leader.kill();
    await waitUntil(async () => ![undefined, leader.name].includes(await cluster.metaLeader()), {
      timeoutMs: 20_000,
      otherwise: () => new Error('no new leader'),
    });
    await leader.start();
    await cluster.waitUntilHealthy();
    expect((await manager.streams.info('REPLICATED')).state.messages).toBe(1);
  }, 90_000);
});
