import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { isProvisioningRefused, silentLogger } from '@annals/core';
import { type TestNatsServer, startNatsCluster, startNatsServer } from '@annals/testing';
import type { JetStreamManager, StreamConfig } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import type { TopologyOptions } from '../topology/topology-options.ts';
import { resolveTopology } from '../topology/topology.ts';
import { checkServer } from './check-server.ts';
import { type ProvisionOptions, provisionStreams } from './provision-streams.ts';

const ACCOUNTS = `
  accounts {
    WITH {
      jetstream: enabled
      users: [
        { user: admin, password: admin }
        { user: reader, password: reader, permissions: { publish: { deny: ["$JS.API.STREAM.CREATE.>", "$JS.API.STREAM.UPDATE.>"] } } }
      ]
    }
    WITHOUT { users: [{ user: none, password: none }] }
  }
  no_auth_user: admin`;

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;

beforeAll(async () => {
  server = await startNatsServer({ extraConfig: ACCOUNTS });
  nc = await connect({ servers: server.url });
  jsm = await checkServer(nc);
});

afterAll(async () => {
  await nc?.close();
  await server?.stop();
});

afterEach(async () => {
  for await (const name of jsm.streams.names()) await jsm.streams.delete(name);
});

const ORDERS: TopologyOptions = { streams: [{ stream: 'ORDERS', aggregateTypes: ['order', 'cart'] }] };

const provision = (options?: TopologyOptions, how: Partial<ProvisionOptions> = {}) =>
  provisionStreams(jsm, resolveTopology(options), { logger: silentLogger, ...how });

async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => new Error('it did not fail'),
    (error: unknown) => error,
  );
}

async function settingsRefused(promise: Promise<unknown>): Promise<readonly string[]> {
  const error = await failureOf(promise);
  if (!isProvisioningRefused(error)) throw error;
  for (const { stream, setting, wayOut } of error.differences) {
    expect(error.message).toContain(`${stream}: ${setting}`);
    expect(error.message).toContain(wayOut);
  }
  return error.differences.map(({ stream, setting }) => `${stream} ${setting}`);
}

const configOf = async (stream: string): Promise<StreamConfig> => (await jsm.streams.info(stream)).config;

describe('provisionStreams', () => {
  it('makes every stream of the topology as the store needs it', async () => {
    expect(await provision(ORDERS)).toEqual([
      { name: 'EVENTS', outcome: 'created' },
      { name: 'ORDERS', outcome: 'created' },
    ]);
    expect(await configOf('ORDERS')).toMatchObject({
      subjects: ['evt-ORDERS.>', 'idem.ORDERS.>'],
      retention: 'limits',
      storage: 'file',
      discard: 'new',
      max_age: 0,
      max_msgs: -1,
      max_bytes: -1,
      allow_direct: true,
      allow_atomic: true,
      allow_batched: true,
      allow_msg_ttl: true,
      compression: 's2',
      duplicate_window: 1e9,
      max_consumers: 100_000,
      metadata: { 'annals.format': '1', 'annals.store': 'EVENTS', 'annals.aggregate-types': '["order","cart"]' },
    });
    expect((await configOf('ORDERS')).subject_delete_marker_ttl).toBeUndefined();
  });

  it('changes nothing when it is repeated', async () => {
    await provision(ORDERS);
    const before = await Promise.all(['EVENTS', 'ORDERS'].map(configOf));
    expect((await provision(ORDERS)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    expect((await provision(ORDERS, { mode: 'verify' })).map(({ outcome }) => outcome)).toEqual([
      'unchanged',
      'unchanged',
    ]);
    expect(await Promise.all(['EVENTS', 'ORDERS'].map(configOf))).toEqual(before);
  });

  it('succeeds in every one of many processes that do it at once', async () => {
    const connections = await Promise.all(Array.from({ length: 8 }, () => connect({ servers: server.url })));
    try {
      const managers = await Promise.all(connections.map((connection) => checkServer(connection)));
      const runs = await Promise.all(
        managers.map((manager) => provisionStreams(manager, resolveTopology(ORDERS), { logger: silentLogger })),
      );
      expect(runs).toHaveLength(8);
      expect((await provision(ORDERS)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
    } finally {
      await Promise.all(connections.map((connection) => connection.close()));
    }
  });

  it('brings a stream that somebody made or changed back to what is needed, and keeps its events', async () => {
    await jsm.streams.add({ name: 'EVENTS', subjects: ['evt.>'], discard: 'old', metadata: { team: 'billing' } });
    nc.publish('evt.t.user.u.1.user.created', '{}');
    expect(await provision()).toEqual([{ name: 'EVENTS', outcome: 'updated' }]);
    expect(await configOf('EVENTS')).toMatchObject({
      subjects: ['evt.>', 'idem.EVENTS.>'],
      discard: 'new',
      allow_direct: true,
      allow_atomic: true,
      allow_msg_ttl: true,
      compression: 's2',
      metadata: { team: 'billing', 'annals.store': 'EVENTS' },
    });
    expect((await jsm.streams.info('EVENTS')).state.messages).toBe(1);
    expect(await provision()).toEqual([{ name: 'EVENTS', outcome: 'unchanged' }]);
  });

  it('switches rollups off, which would delete events', async () => {
    await provision();
    await jsm.streams.update('EVENTS', { allow_rollup_hdrs: true });
    expect(await provision()).toEqual([{ name: 'EVENTS', outcome: 'updated' }]);
    expect((await configOf('EVENTS')).allow_rollup_hdrs).toBe(false);
  });

  it('refuses every dangerous setting, all at once, and touches nothing', async () => {
    await jsm.streams.add({
      name: 'ORDERS',
      subjects: ['evt-ORDERS.>', 'idem.ORDERS.>'],
      max_age: 60e9,
      max_msgs: 1000,
      deny_delete: true,
      deny_purge: true,
    });
    expect(await settingsRefused(provision(ORDERS))).toEqual([
      'ORDERS max_age',
      'ORDERS max_msgs',
      'ORDERS deny_delete',
      'ORDERS deny_purge',
    ]);
    expect((await configOf('ORDERS')).discard).toBe('old');
    await expect(jsm.streams.info('EVENTS')).rejects.toThrow();
  });

  it.each<[string, Partial<StreamConfig>]>([
    ['storage', { storage: 'memory' }],
    ['retention', { retention: 'workqueue' }],
    ['subject_transform', { subject_transform: { src: 'evt.>', dest: 'evt.x.>' } }],
    ['subjects', { subjects: ['evt.>', 'mine'] }],
    ['subject_delete_marker_ttl', { subject_delete_marker_ttl: 60e9, allow_msg_ttl: true }],
    ['sources', { sources: [{ name: 'OTHER' }] }],
  ])('refuses a stream with %s in the way', async (setting, config) => {
    await jsm.streams.add({ name: 'EVENTS', subjects: ['evt.>'], ...config });
    const before = await configOf('EVENTS');
    expect(await settingsRefused(provision())).toContain(`EVENTS ${setting}`);
    expect(await configOf('EVENTS')).toEqual(before);
  });

  it('refuses a mirror', async () => {
    await jsm.streams.add({ name: 'ORIGIN', subjects: ['evt.>'] });
    await jsm.streams.add({ name: 'EVENTS', mirror: { name: 'ORIGIN' } });
    expect(await settingsRefused(provision())).toContain('EVENTS mirror');
  });

  it('names the other stream that takes its subjects already', async () => {
    await jsm.streams.add({ name: 'AUDIT', subjects: ['evt.acme.>'] });
    const error = await failureOf(provision());
    expect(error).toMatchObject({ code: 'provisioning-refused' });
    expect((error as Error).message).toContain('"evt.> in stream AUDIT"');
  });

  it('refuses more replicas than the server can keep, and leaves the number alone when none is asked for', async () => {
    expect(await settingsRefused(provision({}, { replicas: 3 }))).toEqual(['EVENTS num_replicas']);
    await provision();
    expect(await settingsRefused(provision({}, { replicas: 3 }))).toEqual(['EVENTS num_replicas']);
    expect((await configOf('EVENTS')).num_replicas).toBe(1);
  });

  it('refuses a stream of another store', async () => {
    await provision(ORDERS);
    expect(await settingsRefused(provision({ ...ORDERS, defaultStream: 'LOG' }))).toEqual(['ORDERS store']);
  });

  it('keeps stores with other default streams apart on one server', async () => {
    await provision();
    expect(await provision({ defaultStream: 'LOG' })).toEqual([{ name: 'LOG', outcome: 'created' }]);
    expect(await provision()).toEqual([{ name: 'EVENTS', outcome: 'unchanged' }]);
  });
});

describe('provisionStreams in a cluster', () => {
  it('makes replicated streams from several servers at once, adds copies and never drops any', async () => {
    const cluster = await startNatsCluster();
    const connections = await Promise.all(cluster.urls.map((servers) => connect({ servers })));
    try {
      const managers = await Promise.all(connections.map((connection) => checkServer(connection, 10_000)));
      const provisionBy = (i: number, options: TopologyOptions, replicas?: number) =>
        provisionStreams(managers[i]!, resolveTopology(options), { logger: silentLogger, replicas });
      await Promise.all(managers.map((_, i) => provisionBy(i, ORDERS, 3)));
      const replicasOf = async (stream: string) => (await managers[0]!.streams.info(stream)).config.num_replicas;
      expect([await replicasOf('EVENTS'), await replicasOf('ORDERS')]).toEqual([3, 3]);

      expect(await settingsRefused(provisionBy(1, ORDERS, 1))).toEqual(['EVENTS num_replicas', 'ORDERS num_replicas']);
      expect((await provisionBy(1, ORDERS)).map(({ outcome }) => outcome)).toEqual(['unchanged', 'unchanged']);
      expect(await settingsRefused(provisionBy(2, { defaultStream: 'FIVE' }, 5))).toEqual(['FIVE num_replicas']);

      await provisionBy(0, { defaultStream: 'GROWS' });
      expect(await provisionBy(2, { defaultStream: 'GROWS' }, 3)).toEqual([{ name: 'GROWS', outcome: 'updated' }]);
      expect(await replicasOf('GROWS')).toBe(3);
    } finally {
      await Promise.all(connections.map((connection) => connection.close()));
      await cluster.stop();
    }
  }, 60_000);
});

describe('provisionStreams in mode verify', () => {
  const verify = (options?: TopologyOptions) => provision(options, { mode: 'verify' });

  it('makes no stream and names each that is missing', async () => {
    expect(await settingsRefused(verify(ORDERS))).toEqual(['EVENTS stream', 'ORDERS stream']);
    expect((await jsm.getAccountInfo()).streams).toBe(0);
  });

  it('changes nothing: refuses what is needed, passes over what is advised and says so', async () => {
    await provision();
    await jsm.streams.update('EVENTS', { allow_atomic: false, allow_direct: false });
    expect(await settingsRefused(verify())).toEqual(['EVENTS allow_direct', 'EVENTS allow_atomic']);
    await provision();

    await jsm.streams.update('EVENTS', { compression: 'none', duplicate_window: 2e9 });
    const before = await configOf('EVENTS');
    const warnings: unknown[] = [];
    const logger = { ...silentLogger, warn: (message: string, fields: unknown) => warnings.push(message, fields) };
    expect(await provision({}, { mode: 'verify', logger })).toEqual([{ name: 'EVENTS', outcome: 'unchanged' }]);
    expect(JSON.stringify(warnings)).toMatch(/not as advised.*compression.*duplicate_window/);
    expect(await configOf('EVENTS')).toEqual(before);
  });

  it('is enough for a user who may not change streams; apply tells such a user what is lacking', async () => {
    await provision();
    const limited = await connect({ servers: server.url, user: 'reader', pass: 'reader' });
    try {
      const manager = await checkServer(limited, 2_000);
      const options = { mode: 'verify', logger: silentLogger } as const;
      expect(await provisionStreams(manager, resolveTopology(), options)).toEqual([
        { name: 'EVENTS', outcome: 'unchanged' },
      ]);
      const refused = provisionStreams(manager, resolveTopology(ORDERS), { logger: silentLogger });
      expect(await settingsRefused(refused)).toEqual(['ORDERS permissions']);
    } finally {
      await limited.close();
    }
  });
});

describe('checkServer', () => {
  it('refuses an account without JetStream and says so', async () => {
    const without = await connect({ servers: server.url, user: 'none', pass: 'none' });
    try {
      await expect(checkServer(without, 2_000)).rejects.toMatchObject({
        code: 'server-too-old',
        hasJetStream: false,
        message: expect.stringMatching(/2\.\d+\.\d+.* has no JetStream/),
      });
    } finally {
      await without.close();
    }
  });

  it('answers store-unavailable when the connection is closed', async () => {
    const closed = await connect({ servers: server.url });
    await closed.close();
    await expect(checkServer(closed, 2_000)).rejects.toMatchObject({ code: 'store-unavailable' });
  });
});
