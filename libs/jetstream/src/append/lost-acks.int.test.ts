import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppendPart, AppendResult, EventStore, NewEvent } from '@annals/core';
import {
  type AckDroppingProxy,
  eventually,
  startAckDroppingProxy,
  startNatsCluster,
  startNatsServer,
} from '@annals/testing';
import { type JetStreamStoreOptions, openJetStreamStore } from '../index.ts';

/** What the cases run against. */
interface Servers {
  readonly urls: readonly string[];
  /** Of the server before which the proxy stands. */
  readonly port: number;
  stop(): Promise<void>;
}

async function oneServer(): Promise<Servers> {
  const server = await startNatsServer();
  return { urls: [server.url], port: server.port, stop: () => server.stop() };
}

async function threeServers(): Promise<Servers> {
  const cluster = await startNatsCluster({ size: 3 });
  return { urls: cluster.urls, port: cluster.servers[0]!.port, stop: () => cluster.stop() };
}

describe.each([
  { on: 'one server', start: oneServer, replicas: 1 },
  { on: 'three servers', start: threeServers, replicas: 3 },
])('on $on an append whose acknowledgement is lost', ({ start, replicas }) => {
  let servers: Servers;
  let proxy: AckDroppingProxy;
  /** Sees the server as it is. */
  let direct: EventStore;
  /** Loses acknowledgements. */
  let store: EventStore;

  beforeAll(async () => {
    servers = await start();
    proxy = await startAckDroppingProxy(servers.port);
    direct = await openJetStreamStore({ servers: servers.urls, replicas });
    store = await openThroughProxy();
  }, 60_000);

  afterAll(async () => {
    await store.close();
    await direct.close();
    await proxy.stop();
    await servers.stop();
  });

  /** A cluster tells its clients of all its servers; these stay behind the proxy. */
  const openThroughProxy = (options: JetStreamStoreOptions = {}): Promise<EventStore> =>
    openJetStreamStore({
      servers: proxy.url,
      connectionOptions: { ignoreClusterUpdates: true },
      replicas,
      ...options,
    });
  const event = (n: number): NewEvent => ({ type: 'thing.happened', data: { n } });
  const events = (count: number): NewEvent[] => Array.from({ length: count }, (_, n) => event(n));
  const messages = async (): Promise<number> => (await direct.status()).streams[0]!.messages;

  /** Lets the server store what `act` appends, but not tell of it; the client then comes back. */
  async function losingTheAck(act: () => Promise<AppendResult>): Promise<AppendResult> {
    const before = await messages();
    proxy.dropReplies();
    const result = act();
    await eventually(async () => (await messages()) > before);
    proxy.cut();
    return result;
  }

  const aggregate = (id: string) => ({ type: 'lost', id });

  /** Appends one event, so that the writer knows the head and sends the next append at once. */
  async function warm(...ids: string[]): Promise<void> {
    for (const id of ids) await store.append(aggregate(id), event(0));
  }

  async function expectToldOnce(result: AppendResult, id: string, version: number): Promise<void> {
    expect(result.repeated).toBe(true);
    expect(await direct.currentVersion(aggregate(id))).toBe(version);
    const told = result.events.filter(({ aggregateId }) => aggregateId === id);
    const stored = (await direct.load(aggregate(id))).events.slice(-told.length);
    expect(stored.map(({ messageId, version, position }) => [messageId, version, position])).toEqual(
      told.map(({ messageId, version, position }) => [messageId, version, position]),
    );
  }

  it('of one event at any version is recognised and told once', async () => {
    await warm('any');
    await expectToldOnce(await losingTheAck(() => store.append(aggregate('any'), event(1))), 'any', 2);
  });

  it('of one event to a new aggregate is recognised and told once', async () => {
    const act = () => store.append(aggregate('none'), event(1), { expectedVersion: 'none' });
    await expectToldOnce(await losingTheAck(act), 'none', 1);
  });

  it('of many events is recognised and told once', async () => {
    await warm('many');
    await expectToldOnce(await losingTheAck(() => store.append(aggregate('many'), events(20))), 'many', 21);
  });

  it('with an idempotency key is recognised and told once', async () => {
    await warm('key');
    const act = () => store.append(aggregate('key'), events(3), { idempotencyKey: 'lost-key' });
    await expectToldOnce(await losingTheAck(act), 'key', 4);
  });

  it('over several aggregates is recognised and told once', async () => {
    await warm('b');
    const parts: AppendPart[] = [
      { aggregate: aggregate('a'), events: events(2), expectedVersion: 0 },
      { aggregate: aggregate('b'), events: events(2) },
    ];
    const result = await losingTheAck(() => store.appendAll(parts));
    await expectToldOnce(result, 'a', 2);
    await expectToldOnce(result, 'b', 3);
  });

  it('without aggregate is recognised by its message id', async () => {
    const result = await losingTheAck(() => store.appendAll([{ events: [event(1)] }]));
    expect(result.repeated).toBe(true);
    expect(result.events).toHaveLength(1);
  });

  it('is not mistaken for one that another writer overtook', async () => {
    const ref = aggregate('overtaken');
    await store.append(ref, event(0));
    proxy.dropReplies();
    // Stored by the server, unseen by the writer; meanwhile others go on.
    const open = store.append(ref, event(1), { expectedVersion: 1 });
    await eventually(async () => (await direct.currentVersion(ref)) === 2);
    await direct.append(ref, events(3));
    proxy.cut();
    const result = await open;
    expect(result.repeated).toBe(true);
    expect(result.events[0]!.version).toBe(2);
    expect(await direct.currentVersion(ref)).toBe(5);
  });

  it('answers with AppendOutcomeUnknown when the server stays away, and a repetition with the same ids tells', async () => {
    const hasty = await openThroughProxy({ appendTimeoutMs: 400, requestTimeoutMs: 150 });
    const ref = aggregate('away');
    const given = { ...event(1), messageId: 'away-1' };
    proxy.dropReplies();
    await expect(hasty.append(ref, given, { expectedVersion: 0 })).rejects.toMatchObject({
      code: 'append-outcome-unknown',
      retryable: true,
      messageIds: ['away-1'],
    });
    proxy.cut();
    await eventually(async () => (await hasty.status()).state === 'ready');
    const result = await hasty.append(ref, given, { expectedVersion: 0 });
    expect(result.repeated).toBe(true);
    expect(await direct.currentVersion(ref)).toBe(1);
    await hasty.close();
  });
});
