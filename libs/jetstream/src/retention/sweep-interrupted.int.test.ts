import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { RETENTION_BUCKET, retentionRecordKey } from '../bucket/bucket-names.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { eventsOf, publishEvents } from '../scan/published-events.spec-support.ts';
import { sweepRetention } from './sweep-retention.ts';
import {
  ALL,
  dyingChannel,
  expectOnlyTheBeginningToBeMissing,
  jsm,
  nc,
  newParts,
  newStats,
  newStore,
  parts,
  prefix,
  storedSubjects,
  stream,
  topology,
  versionsOf,
  watchedChannel,
  useSweepStores,
} from './sweep.spec-support.ts';

useSweepStores();

describe('a sweep that ends in the middle', () => {
  const events = [...Array(6).keys()].flatMap((i) => eventsOf('user', `u${i}`, 10));

  it('is completed by the next one, with exact counts, wherever it ended', async () => {
    for (const deletions of [0, 1, 17, 53]) {
      await newStore();
      await publishEvents(nc, prefix, events);
      const stats = newStats();
      await stats.stats();

      await expect(sweepRetention({ ...parts, channel: dyingChannel(deletions) }, ALL)).rejects.toThrow();
      // Only beginnings are missing, and the record knows of all that is gone and of all that will be.
      for (let i = 0; i < 6; i++) {
        expectOnlyTheBeginningToBeMissing(await versionsOf('user', `u${i}`), 10);
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
    const watched = watchedChannel((subject) => {
      if (subject.includes('MSG.DELETE')) abort.abort(reason);
      return undefined;
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
