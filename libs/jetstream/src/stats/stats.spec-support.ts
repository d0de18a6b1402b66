import { afterAll, afterEach, beforeAll, beforeEach } from '@jest/globals';
import { type EventStats, type Logger, StoreTally, silentLogger, statsOf } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { STATS_BUCKET, checkpointKey } from '../bucket/bucket-names.ts';
import { Bucket } from '../bucket/bucket.ts';
import { KeptDocument } from '../bucket/document.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { RetentionRecords } from '../retention/retention-records.ts';
import type { PublishedEvent } from '../scan/published-events.spec-support.ts';
import { type Topology, resolveTopology } from '../topology/topology.ts';
import { type StatsProjection, createStatsProjection } from './stats-projection.ts';

// What every spec of statistics works with; each test has a store of its own.
export let nc: NatsConnection;
export let jsm: JetStreamManager;
export let topology: Topology;
export let stream: string;
export let prefix: string;

let server: TestNatsServer;
let stores = 0;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

/** Registers a server for the spec, and a store for each of its tests. */
export function useStatsStores(): void {
  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
    jsm = await checkServer(nc);
  });
  beforeEach(async () => {
    topology = resolveTopology({ defaultStream: `STATS${++stores}` });
    ({ name: stream, prefix } = topology.defaultBinding);
    await provisionStreams(jsm, topology, { logger: silentLogger });
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    await nc?.close();
    await server?.stop();
  });
}

/** Done when the test has ended, however. */
export function afterwards(cleanup: () => Promise<unknown> | unknown): void {
  cleanups.push(cleanup);
}

export interface CountingProcess {
  readonly connection: NatsConnection;
  readonly projection: StatsProjection;
  close(): Promise<void>;
  /** How often it counted a stream from the start. */
  countings(): number;
}

/** What a process of its own would have: connection, channel, projection. */
export async function newProcess(
  options: { of?: Topology; servers?: string[]; checkpointEveryMs?: number } = {},
): Promise<CountingProcess> {
  const connection = await connect({
    servers: options.servers ?? server.url,
    reconnectTimeWait: 50,
    maxReconnectAttempts: -1,
  });
  const channel = new RequestChannel(connection, 5_000);
  const said: string[] = [];
  const logger: Logger = { ...silentLogger, info: (line) => said.push(line), warn: (line) => said.push(line) };
  const retention = new RetentionRecords({ nc: connection, logger });
  const projection = createStatsProjection({
    channel,
    topology: options.of ?? topology,
    retention,
    logger,
    checkpointEveryMs: options.checkpointEveryMs ?? 60_000,
  });
  const close = async () => {
    await projection.close();
    channel.close();
    await connection.close();
  };
  afterwards(close);
  const countings = () => said.filter((line) => line.includes('counting all events')).length;
  return { connection, projection, close, countings };
}

/** What a count of all these events says. */
export function countOf(events: readonly PublishedEvent[], tenantId?: string): EventStats {
  const tally = new StoreTally();
  for (const event of events) tally.add(event);
  return statsOf([{ counted: tally }], tenantId);
}

/** Where the checkpoint of a stream is kept. */
export function checkpointOf(name: string): KeptDocument {
  return new KeptDocument(nc, new Bucket(nc, STATS_BUCKET, { description: 'test' }), checkpointKey(name));
}

/** Events of several tenants, types and shapes, by a fixed rule. */
export function someEvents(count: number, salt = 0): PublishedEvent[] {
  return Array.from({ length: count }, (_, i): PublishedEvent => {
    const tenantId = ['acme', 'ünïcode.*>', '-'][i % 3]!;
    const timestamp = new Date(1.7e12 + ((i * 7919 + salt) % 100_000) * 1000).toISOString();
    if (i % 5 === 0) return { tenantId, type: 'audit.noted', messageId: `m${salt}-${i}`, timestamp };
    const aggregateType = ['user', 'order.line', '__proto__'][(i % 4) % 3]!;
    const aggregateId = `${salt}-${Math.floor(i / 12)}`;
    return {
      tenantId,
      aggregateType,
      aggregateId,
      version: (i % 12) + 1,
      type: `${i % 2 ? 'a' : 'b.c'}.${i % 7}`,
      timestamp,
    };
  });
}
