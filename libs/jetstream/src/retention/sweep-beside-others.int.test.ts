import { describe, expect, it } from '@jest/globals';
import { eventually } from '@annals/testing';
import { jetstream } from '@nats-io/jetstream';
import { eventsOf, publishEvents, subjectOf } from '../scan/published-events.spec-support.ts';
import { holdSweep } from './sweep-hold.ts';
import { sweepRetention } from './sweep-retention.ts';
import { takeSweeperLease } from './sweeper-lease.ts';
import {
  ALL,
  channel,
  expectOnlyTheBeginningToBeMissing,
  nc,
  newParts,
  newStats,
  parts,
  prefix,
  storedSubjects,
  stream,
  versionsOf,
  useSweepStores,
} from './sweep.spec-support.ts';

useSweepStores();

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
      expectOnlyTheBeginningToBeMissing(await versionsOf('user', `u${i}`), VERSIONS);
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
    const lease = await takeSweeperLease(bucket, stream);
    expect(lease).toBeDefined();
    expect(await takeSweeperLease(bucket, stream)).toBeUndefined();
    await lease!.release();
    const next = await takeSweeperLease(bucket, stream);
    expect(next).toBeDefined();
    await next!.release();
  });
});
