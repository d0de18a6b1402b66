import { existsSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { startNatsCluster, startNatsServer } from '../index.ts';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function streamNames(url: string): Promise<string[]> {
  const connection = await connect({ servers: url });
  try {
    const names: string[] = [];
    for await (const name of (await jetstreamManager(connection)).streams.names()) names.push(name);
    return names;
  } finally {
    await connection.close();
  }
}

async function addStream(servers: readonly string[], replicas: number): Promise<void> {
  const connection = await connect({ servers: [...servers] });
  try {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'], num_replicas: replicas });
  } finally {
    await connection.close();
  }
}

describe('startNatsServer', () => {
  it('keeps port and data over a kill and a restart, and removes the data when it is stopped', async () => {
    const server = await startNatsServer();
    cleanups.push(() => server.stop());
    await addStream([server.url], 1);
    const { port, pid } = server;

    await server.kill();
    expect(server.running).toBe(false);
    expect(server.pid).toBeUndefined();
    await server.restart();
    expect(server.port).toBe(port);
    expect(server.pid).not.toBe(pid);
    expect(await streamNames(server.url)).toEqual(['KEPT']);

    await server.stop();
    await server.stop();
    expect(existsSync(server.dataDir)).toBe(false);
  });

  it('runs several servers side by side, each with data of its own', async () => {
    const [a, b] = await Promise.all([startNatsServer(), startNatsServer({ syncInterval: 'always' })]);
    cleanups.push(
      () => a.stop(),
      () => b.stop(),
    );
    await addStream([a.url], 1);
    expect(a.port).not.toBe(b.port);
    expect(await streamNames(b.url)).toEqual([]);
  });
});

describe('startNatsCluster', () => {
  it('keeps a replicated stream while one of three servers is gone', async () => {
    const cluster = await startNatsCluster({ size: 3 });
    cleanups.push(() => cluster.stop());
    await addStream(cluster.urls, 3);
    const leader = await cluster.metaLeader();
    await leader!.kill();
    await cluster.waitUntilHealthy();
    const survivor = cluster.servers.find(({ running }) => running)!;
    expect(survivor.name).not.toBe(leader!.name);
    expect(await streamNames(survivor.url)).toEqual(['KEPT']);
    await leader!.restart();
    await cluster.waitUntilHealthy();
    expect(await streamNames(leader!.url)).toEqual(['KEPT']);
  });
});
