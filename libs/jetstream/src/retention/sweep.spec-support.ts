import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { type Clock, silentLogger } from '@annals/core';
import { type TestNatsServer, startNatsServer } from '@annals/testing';
import type { JetStreamManager } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { type StatsProjection, createStatsProjection } from '../stats/stats-projection.ts';
import { parseEventSubject } from '../subject/subject-map.ts';
import { type Topology, resolveTopology } from '../topology/topology.ts';
import { RetentionRecords } from './retention-records.ts';
import type { SweepParts } from './sweep-options.ts';

// What every spec of a sweep works with; each test has a store of its own.
export let nc: NatsConnection;
export let jsm: JetStreamManager;
export let channel: RequestChannel;
export let topology: Topology;
export let stream: string;
export let prefix: string;
export let parts: SweepParts;

let server: TestNatsServer;
let stores = 0;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

/** A minute ahead, so that whatever was just appended is in the past. */
const clock: Clock = { now: () => Date.now() + 60_000 };

/** Everything that is stored is old, and safe on disk. */
export const ALL = { olderThan: '2999-01-01T00:00:00Z', settleMs: 0 } as const;

/** Registers a server for the spec, and a store for each of its tests. */
export function useSweepStores(): void {
  beforeAll(async () => {
    server = await startNatsServer();
    nc = await connect({ servers: server.url });
    jsm = await checkServer(nc);
    channel = new RequestChannel(nc, 5_000);
  });
  beforeEach(newStore);
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  });
  afterAll(async () => {
    channel?.close();
    await nc?.close();
    await server?.stop();
  });
}

/** Goes on with a store that has nothing in it. */
export async function newStore(): Promise<void> {
  topology = resolveTopology({ defaultStream: `KEEP${++stores}` });
  ({ name: stream, prefix } = topology.defaultBinding);
  await provisionStreams(jsm, topology, { logger: silentLogger });
  parts = newParts();
}

/** Done when the test has ended, however. */
export function afterwards(cleanup: () => Promise<unknown> | unknown): void {
  cleanups.push(cleanup);
}

/** What another process would sweep with. */
export function newParts(): SweepParts {
  const records = new RetentionRecords({ nc, logger: silentLogger });
  return { channel, topology, records, clock, logger: silentLogger };
}

/** Statistics of another process. */
export function newStats(): StatsProjection {
  const { records: retention } = newParts();
  const projection = createStatsProjection({ channel, topology, retention, logger: silentLogger });
  afterwards(() => projection.close());
  return projection;
}

/** The subjects that are stored, as the stream itself tells. */
export async function storedSubjects(): Promise<readonly string[]> {
  const { state } = await jsm.streams.info(stream, { subjects_filter: `${prefix}.>` });
  return Object.keys(state.subjects ?? {});
}

/** The versions of an aggregate that are stored. */
export async function versionsOf(aggregateType: string, aggregateId: string): Promise<readonly number[]> {
  const subjects = (await storedSubjects()).map((subject) => parseEventSubject(prefix, subject)!);
  return subjects
    .filter((e) => e.aggregateType === aggregateType && e.aggregateId === aggregateId)
    .map((e) => e.version!)
    .sort((a, b) => a - b);
}

/** Nothing is missing between the oldest stored version and the last one. */
export function expectOnlyTheBeginningToBeMissing(versions: readonly number[], last: number): void {
  expect(versions.at(-1)).toBe(last);
  expect(versions).toEqual(Array.from(versions, (_, i) => versions[0]! + i));
}

/** The channel, but for `before`, which is called with the subject of every request and may reject it. */
export function watchedChannel(before: (subject: string) => Promise<never> | undefined): RequestChannel {
  return new Proxy(channel, {
    get(target, property, receiver) {
      if (property !== 'request') return Reflect.get(target, property, receiver) as unknown;
      return (subject: string, body: string) => before(subject) ?? target.request(subject, body);
    },
  });
}

/** A channel that dies after so many deletions, as a process would: it deletes nothing more. */
export function dyingChannel(afterDeletions: number): RequestChannel {
  let deletions = 0;
  return watchedChannel((subject) => {
    if (!subject.includes('MSG.DELETE') || ++deletions <= afterDeletions) return undefined;
    return Promise.reject(new RequestFailed('closed', subject));
  });
}
