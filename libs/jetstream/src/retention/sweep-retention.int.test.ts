import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Clock, silentLogger } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { type JetStreamManager, jetstream } from '@nats-io/jetstream';
import { type NatsConnection, connect } from '@nats-io/transport-node';
import { RETENTION_BUCKET, retentionRecordKey } from '../bucket/bucket-names.ts';
import { RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import {
  type PublishedEvent,
  eventsOf,
  publishEvent,
  publishEvents,
  subjectOf,
} from '../scan/published-events.spec-support.ts';
import { streamState } from '../scan/stream-state.ts';
import { createStatsProjection } from '../stats/stats-projection.ts';
import { parseEventSubject } from '../subject/subject-map.ts';
import { type Topology, resolveTopology } from '../topology/topology.ts';
import { RetentionRecords } from './retention-records.ts';
import { startRetentionSweep } from './retention-schedule.ts';
import { holdSweep } from './sweep-hold.ts';
import type { SweepParts } from './sweep-options.ts';
import { sweepRetention } from './sweep-retention.ts';
import { SweeperLease } from './sweeper-lease.ts';

let server: TestNatsServer;
let nc: NatsConnection;
let jsm: JetStreamManager;
let channel: RequestChannel;
let topology: Topology;
let stream: string;
let prefix: string;
let parts: SweepParts;
let stores = 0;
const cleanups: (() => Promise<unknown> | unknown)[] = [];

/** A minute ahead, so that whatever was just appended is in the past. */
const clock: Clock = { now: () => Date.now() + 60_000 };
/** Everything that is stored is old, and safe on disk. */
const ALL = { olderThan: '2999-01-01T00:00:00Z', settleMs: 0 } as const;

beforeAll(async () => {
  server = await startNatsServer();
  nc = await connect({ servers: server.url });
  jsm = await checkServer(nc);
  channel = new RequestChannel(nc, 5_000);
});

afterAll(async () => {
  channel?.close();
  await nc?.close();
  await server?.stop();
});

/** A store of its own for every test. */
beforeEach(async () => {
  topology = resolveTopology({ defaultStream: `KEEP${++stores}` });
  ({ name: stream, prefix } = topology.defaultBinding);
  await provisionStreams(jsm, topology, { logger: silentLogger });
  parts = newParts();
});

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const newParts = (): SweepParts => ({
  channel,
  topology,
  records: new RetentionRecords({ nc, logger: silentLogger }),
  clock,
  logger: silentLogger,
});

/** The subjects that are stored, as the stream itself tells. */
async function storedSubjects(): Promise<readonly string[]> {
  const { state } = await jsm.streams.info(stream, { subjects_filter: `${prefix}.>` });
  return Object.keys(state.subjects ?? {});
}

async function versionsOf(aggregateType: string, aggregateId: string): Promise<readonly number[]> {
  const subjects = (await storedSubjects()).map((subject) => parseEventSubject(prefix, subject)!);
  return subjects
    .filter((e) => e.aggregateType === aggregateType && e.aggregateId === aggregateId)
    .map((e) => e.version!)
    .sort((a, b) => a - b);
}

async function recordedAt(sequence: number): Promise<string> {
  return (await jsm.streams.getMessage(stream, { seq: sequence }))!.timestamp;
}

const loose = (messageId: string): PublishedEvent => ({
  tenantId: 'acme',
  type: 'audit.noted',
  messageId,
  timestamp: '2024-01-01T00:00:00Z',
});

function newStats() {
  const records = new RetentionRecords({ nc, logger: silentLogger });
  const projection = createStatsProjection({ channel, topology, retention: records, logger: silentLogger });
  cleanups.push(() => projection.close());
  return projection;
}

/** A channel that dies after so many deletions, as a process would: it deletes nothing more. */
function dyingChannel(afterDeletions: number): RequestChannel {
  let deletions = 0;
  return new Proxy(channel, {
    get(target, property, receiver) {
      if (property !== 'request') return Reflect.get(target, property, receiver) as unknown;
      return (subject: string, body: string) => {
        if (subject.includes('MSG.DELETE') && ++deletions > afterDeletions) {
          return Promise.reject(new RequestFailed('closed', subject));
        }
        return target.request(subject, body);
      };
    },
  });
}

describe('sweepRetention', () => {
  it('removes old events and keeps the newest of every aggregate, however old', async () => {
    await publishEvents(nc, prefix, [
      ...eventsOf('user', 'a', 5),
      ...eventsOf('user', 'b', 1),
      loose('m1'),
      loose('m2'),
    ]);
    await publishEvents(nc, prefix, eventsOf('order', 'a', 3));
    const outcome = await sweepRetention(parts, ALL);
    expect(outcome).toMatchObject({ state: 'finished', streams: [{ stream, removed: 8, kept: 3 }] });
    expect(await versionsOf('user', 'a')).toEqual([5]);
    expect(await versionsOf('user', 'b')).toEqual([1]);
    expect(await versionsOf('order', 'a')).toEqual([3]);
    expect(await storedSubjects()).toHaveLength(3);
  });

  it('removes what was recorded before the point in time, and nothing that was recorded at it or later', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    const first = await publishEvent(nc, prefix, eventsOf('user', 'b', 1)[0]!);
    await eventually(() => Date.now() > Date.parse(`${new Date().toISOString().slice(0, 19)}Z`));
    const border = Math.floor(Date.parse(await recordedAt(first))) + 2;
    await eventually(() => Date.now() > border);
    await publishEvents(nc, prefix, [...eventsOf('user', 'a', 2, 3), ...eventsOf('user', 'b', 2, 1), loose('m1')]);
    const options = { olderThan: new Date(border).toISOString(), settleMs: 0 };
    expect(await sweepRetention(parts, options)).toMatchObject({ streams: [{ removed: 4, kept: 0, through: 4 }] });
    expect(await versionsOf('user', 'a')).toEqual([4, 5]);
    expect(await versionsOf('user', 'b')).toEqual([2, 3]);
    expect(await storedSubjects()).toHaveLength(5);
  });

  it('removes a former newest event in a later sweep, once it has a successor', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    await sweepRetention(parts, ALL);
    await publishEvents(nc, prefix, eventsOf('user', 'a', 2, 3));
    expect(await sweepRetention(parts, ALL)).toMatchObject({ streams: [{ removed: 2, kept: 1 }] });
    expect(await versionsOf('user', 'a')).toEqual([5]);
    expect(await sweepRetention(parts, ALL)).toMatchObject({ streams: [{ removed: 0, kept: 1 }] });
  });

  it('keeps an event whose only successor may not be on disk yet', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 2));
    const hour = 3_600_000;
    const now = Date.now();
    const sweepAt = (nowMs: number) =>
      sweepRetention({ ...parts, clock: { now: () => nowMs } }, { olderThan: '2999-01-01T00:00:00Z', settleMs: hour });
    expect(await sweepAt(now + hour / 2)).toMatchObject({ streams: [{ removed: 0, kept: 0 }] });
    expect(await versionsOf('user', 'a')).toEqual([1, 2]);
    expect(await sweepAt(now + 2 * hour)).toMatchObject({ streams: [{ removed: 1, kept: 1 }] });
  });

  it('leaves idempotency markers and whatever is no event alone', async () => {
    nc.publish(`idem.${stream}.acme.key`, 'x');
    nc.publish(`${prefix}.no.event`, 'x');
    await nc.flush();
    await publishEvents(nc, prefix, eventsOf('user', 'a', 2));
    await sweepRetention(parts, ALL);
    expect((await jsm.streams.info(stream)).state.messages).toBe(3);
  });

  it('sweeps every stream of the topology', async () => {
    const name = `${stream}_ORDERS`;
    const several = resolveTopology({ defaultStream: stream, streams: [{ stream: name, aggregateTypes: ['order'] }] });
    await provisionStreams(jsm, several, { logger: silentLogger });
    await publishEvents(nc, prefix, eventsOf('user', 'a', 4));
    await publishEvents(nc, several.bindingOf('order').prefix, eventsOf('order', 'a', 3));
    expect(await sweepRetention({ ...parts, topology: several }, ALL)).toMatchObject({
      state: 'finished',
      streams: [
        { stream, removed: 3 },
        { stream: name, removed: 2 },
      ],
    });
  });

  it('erases the bytes on disk when it is asked to', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    expect(await sweepRetention(parts, { ...ALL, erase: true })).toMatchObject({ streams: [{ removed: 2 }] });
    expect(await versionsOf('user', 'a')).toEqual([3]);
  });

  it('takes thousands of events in an aggregate, and its oldest are always the first to go', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 4_500));
    const dying = { ...parts, channel: dyingChannel(2_777) };
    await expect(sweepRetention(dying, ALL)).rejects.toMatchObject({ code: 'store-unavailable' });
    const left = await versionsOf('user', 'a');
    expect(left).toEqual(Array.from({ length: 4_500 - 2_777 }, (_, i) => 2_778 + i));
    expect(await sweepRetention(parts, ALL)).toMatchObject({ streams: [{ removed: 4_499, kept: 1 }] });
    expect(await versionsOf('user', 'a')).toEqual([4_500]);
  }, 60_000);
});

describe('a sweep that ends in the middle', () => {
  const events = [...Array(6).keys()].flatMap((i) => eventsOf('user', `u${i}`, 10));

  it('is completed by the next one, with exact counts, wherever it ended', async () => {
    for (const deletions of [0, 1, 17, 53]) {
      topology = resolveTopology({ defaultStream: `KEEP${++stores}` });
      ({ name: stream, prefix } = topology.defaultBinding);
      await provisionStreams(jsm, topology, { logger: silentLogger });
      parts = newParts();
      await publishEvents(nc, prefix, events);
      const stats = newStats();
      await stats.stats();

      await expect(sweepRetention({ ...parts, channel: dyingChannel(deletions) }, ALL)).rejects.toThrow();
      // Only beginnings are missing, and the record knows of all that is gone and of all that will be.
      for (let i = 0; i < 6; i++) {
        const versions = await versionsOf('user', `u${i}`);
        expect(versions.at(-1)).toBe(10);
        expect(versions).toEqual(Array.from(versions, (_, k) => versions[0]! + k));
      }
      expect(await parts.records.hasTaken(stream)).toBe(true);
      for (const projection of [stats, newStats()]) {
        expect(await projection.stats()).toMatchObject({ totalEvents: 6, uniqueAggregates: 6 });
      }

      expect(await sweepRetention(newParts(), ALL)).toMatchObject({ streams: [{ removed: 54 }] });
      expect(await storedSubjects()).toHaveLength(6);
      const { state } = await jsm.streams.info(stream);
      expect(state.messages).toBe(6);
      expect((await parts.records.of(stream))!).toMatchObject({ removedMessages: 54, pending: [] });
    }
  }, 60_000);

  it('ends with the reason of its signal, and the next one goes on behind what was looked at', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 4_500));
    const abort = new AbortController();
    const reason = new Error('enough');
    const watched = new Proxy(channel, {
      get(target, property, receiver) {
        if (property !== 'request') return Reflect.get(target, property, receiver) as unknown;
        return (subject: string, body: string) => {
          if (subject.includes('MSG.DELETE')) abort.abort(reason);
          return target.request(subject, body);
        };
      },
    });
    await expect(sweepRetention({ ...parts, channel: watched }, { ...ALL, signal: abort.signal })).rejects.toBe(reason);
    const { sweep } = (await parts.records.of(stream))!;
    expect(sweep).toMatchObject({ through: 2_000, removed: 1_999 + 1 });
    expect((await versionsOf('user', 'a'))[0]).toBe(2_001);
    expect(await sweepRetention(parts, ALL)).toMatchObject({ streams: [{ removed: 4_499 }] });
  }, 60_000);

  it('does not begin when the signal was aborted before', async () => {
    const signal = AbortSignal.abort(new Error('no'));
    await expect(sweepRetention(parts, { ...ALL, signal })).rejects.toThrow('no');
    expect(await sweepRetention(parts, ALL)).toMatchObject({ state: 'finished' });
  });
});

describe('a sweep beside writers', () => {
  it('never takes the newest event of an aggregate, and disturbs no writer', async () => {
    const js = jetstream(nc);
    const AGGREGATES = 12;
    const VERSIONS = 60;
    let writing = true;
    const writers = Array.from({ length: AGGREGATES }, async (_, i) => {
      let last = 0;
      for (const event of eventsOf('user', `u${i}`, VERSIONS)) {
        const filter = `${prefix}.acme.user.u${i}.>`;
        const expect = { lastSubjectSequence: last, lastSubjectSequenceSubject: filter };
        last = (await js.publish(subjectOf(prefix, event), '{}', { expect })).seq;
      }
    });
    const done = Promise.all(writers).finally(() => (writing = false));
    let sweeps = 0;
    while (writing) {
      expect((await sweepRetention(parts, ALL)).state).toBe('finished');
      sweeps++;
    }
    await done;
    expect(sweeps).toBeGreaterThan(1);
    for (let i = 0; i < AGGREGATES; i++) {
      const versions = await versionsOf('user', `u${i}`);
      expect(versions.at(-1)).toBe(VERSIONS);
      expect(versions).toEqual(Array.from(versions, (_, k) => versions[0]! + k));
    }
    await sweepRetention(parts, ALL);
    expect(await storedSubjects()).toHaveLength(AGGREGATES);
    expect(await newStats().stats()).toMatchObject({ totalEvents: AGGREGATES, uniqueAggregates: AGGREGATES });
  }, 60_000);

  it('keeps statistics exact while it goes on, also those that are counted anew', async () => {
    await publishEvents(
      nc,
      prefix,
      [...Array(30).keys()].flatMap((i) => eventsOf('user', `u${i}`, 40)),
    );
    const live = newStats();
    await live.stats();
    let sweeping = true;
    const sweep = sweepRetention(parts, ALL).finally(() => (sweeping = false));
    while (sweeping) {
      const { totalEvents, uniqueAggregates } = await newStats().stats();
      expect(uniqueAggregates).toBe(30);
      expect(totalEvents).toBeGreaterThanOrEqual(30);
      expect(totalEvents).toBeLessThanOrEqual(1_200);
    }
    await sweep;
    for (const projection of [live, newStats()]) {
      expect(await projection.stats('acme')).toEqual({
        totalEvents: 30,
        uniqueAggregates: 30,
        eventTypes: 1,
        eventTypeBreakdown: { 'user.changed': 30 },
        aggregateTypeBreakdown: { user: 30 },
        timeRange: { earliest: new Date(1.7e12).toISOString(), latest: new Date(1.7e12 + 39_000).toISOString() },
      });
    }
  }, 60_000);
});

describe('sweepers of several processes', () => {
  it('take turns: one sweeps, the others are told', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 500));
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => sweepRetention(newParts(), ALL)));
    expect(outcomes.map(({ state }) => state).sort()).toEqual(['busy', 'busy', 'busy', 'finished']);
    expect(await sweepRetention(newParts(), ALL)).toMatchObject({ state: 'finished' });
    expect((await parts.records.of(stream))!.removedMessages).toBe(499);
  });

  it('stop when another one changed the record, although they hold the lease', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 10));
    const rude = newParts();
    const write = parts.records.write.bind(parts.records);
    let interfered = false;
    parts.records.write = async (name, record, kept) => {
      if (record.pending.length > 0 && !interfered) {
        interfered = true;
        const theirs = await rude.records.read(name);
        await rude.records.write(name, { ...theirs.record!, changes: theirs.record!.changes + 1 }, theirs);
      }
      return write(name, record, kept);
    };
    expect(await sweepRetention(parts, ALL)).toEqual({ state: 'busy', streams: [] });
    expect(await storedSubjects()).toHaveLength(10);
  });

  it('wait while a stream is held, and go on afterwards', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 10));
    const release = await holdSweep(parts.records.bucket, stream);
    let finished = false;
    const sweep = sweepRetention(parts, ALL).then((outcome) => {
      finished = true;
      return outcome;
    });
    await eventually(async () => (await parts.records.of(stream))?.sweep !== undefined);
    await channel.request(`$JS.API.STREAM.INFO.${stream}`, '');
    expect(finished).toBe(false);
    expect(await storedSubjects()).toHaveLength(10);
    await release();
    expect(await sweep).toMatchObject({ state: 'finished', streams: [{ removed: 9 }] });
  });

  it('get the lease of a process that gave it back, and none that is held', async () => {
    const { bucket } = parts.records;
    const lease = await SweeperLease.take(bucket, stream);
    expect(lease).toBeDefined();
    expect(await SweeperLease.take(bucket, stream)).toBeUndefined();
    await lease!.release();
    const next = await SweeperLease.take(bucket, stream);
    expect(next).toBeDefined();
    await next!.release();
  });
});

describe('the retention record', () => {
  it('says that nothing was taken until something is', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 1));
    expect(await parts.records.hasTaken(stream)).toBe(false);
    await sweepRetention(parts, ALL);
    expect(await parts.records.hasTaken(stream)).toBe(false);
    await publishEvents(nc, prefix, eventsOf('user', 'a', 1, 1));
    await sweepRetention(parts, ALL);
    expect(await parts.records.hasTaken(stream)).toBe(true);
    expect((await parts.records.of(stream))!.removed.of('acme').toStats()).toMatchObject({
      totalEvents: 1,
      uniqueAggregates: 1,
      aggregateTypeBreakdown: { user: 1 },
    });
  });

  it('of a stream that was deleted says nothing of its successor, and removes nothing from it', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 30));
    await expect(sweepRetention({ ...parts, channel: dyingChannel(5) }, ALL)).rejects.toThrow();
    await jsm.streams.delete(stream);
    await provisionStreams(jsm, topology, { logger: silentLogger });
    await publishEvents(
      nc,
      prefix,
      [...Array(40).keys()].map((i) => eventsOf('user', `n${i}`, 1)[0]!),
    );
    expect(await newStats().stats()).toMatchObject({ totalEvents: 40, uniqueAggregates: 40 });
    expect(await sweepRetention(parts, ALL)).toMatchObject({ streams: [{ removed: 0, kept: 40 }] });
    expect(await storedSubjects()).toHaveLength(40);
    expect(await newParts().records.hasTaken(stream)).toBe(false);
  });

  it('that is damaged stops sweeps instead of being replaced', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    await sweepRetention(parts, ALL);
    await nc.request(`$KV.${RETENTION_BUCKET}.${retentionRecordKey(stream)}`, 'garbage');
    await expect(sweepRetention(parts, ALL)).rejects.toMatchObject({ code: 'store-unavailable' });
    await expect(newParts().records.hasTaken(stream)).rejects.toThrow(/damaged/);
  });
});

describe('startRetentionSweep', () => {
  it('sweeps at once and again, until it is closed', async () => {
    const schedule = startRetentionSweep(parts, { days: 0.0001, everyMs: 1_000, settleMs: 0 });
    cleanups.push(() => schedule.close());
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    await eventually(async () => (await storedSubjects()).length === 1);
    await publishEvents(nc, prefix, eventsOf('user', 'a', 2, 3));
    await eventually(async () => (await storedSubjects()).length === 1);
    await schedule.close();
    await schedule.close();
    const { lastSequence } = await streamState(channel, stream);
    expect(lastSequence).toBe(5);
  });

  it('leaves an interval to the process that swept it already', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    await sweepRetention(parts, ALL);
    const { lastSweep } = (await parts.records.of(stream))!;
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3, 3));
    const schedule = startRetentionSweep(newParts(), { days: 0.0001, everyMs: 3_600_000, settleMs: 0 });
    await schedule.close();
    expect((await parts.records.of(stream))!.lastSweep).toEqual(lastSweep);
  });

  it('does not leave an interval to a process that keeps events for longer', async () => {
    await publishEvents(nc, prefix, eventsOf('user', 'a', 3));
    const patient = startRetentionSweep(newParts(), { days: 90, settleMs: 0 });
    await eventually(async () => (await parts.records.of(stream))?.lastSweep);
    await patient.close();
    expect(await storedSubjects()).toHaveLength(3);
    const strict = startRetentionSweep(newParts(), { days: 0.0001, settleMs: 0 });
    cleanups.push(() => strict.close());
    await eventually(async () => (await storedSubjects()).length === 1);
  });

  it('refuses days that are none at once', () => {
    expect(() => startRetentionSweep(parts, { days: 0 })).toThrow(/days must be/);
  });

  it('goes on after a failure', async () => {
    const warnings: string[] = [];
    const logger = { ...silentLogger, warn: (line: string) => warnings.push(line) };
    await publishEvents(nc, prefix, eventsOf('user', 'a', 50));
    const flaky = { ...parts, logger, channel: dyingChannel(10) };
    const schedule = startRetentionSweep(flaky, { days: 0.0001, everyMs: 1_000, settleMs: 0 });
    cleanups.push(() => schedule.close());
    await eventually(() => warnings.length >= 2);
    await schedule.close();
    expect(await versionsOf('user', 'a')).toContain(50);
  });
});
