import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { eventually } from '@annals/testing';
import { eventsOf, publishEvents } from '../scan/published-events.spec-support.ts';
import { streamState } from '../scan/stream-state.ts';
import { startRetentionSweep } from './retention-schedule.ts';
import { sweepRetention } from './sweep-retention.ts';
import {
  ALL,
  afterwards,
  channel,
  dyingChannel,
  nc,
  newParts,
  parts,
  prefix,
  storedSubjects,
  stream,
  versionsOf,
  useSweepStores,
} from './sweep.spec-support.ts';

useSweepStores();

describe('startRetentionSweep', () => {
  it('sweeps at once and again, until it is closed', async () => {
    const schedule = startRetentionSweep(parts, { days: 0.0001, everyMs: 1_000, settleMs: 0 });
    afterwards(() => schedule.close());
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
    afterwards(() => strict.close());
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
    afterwards(() => schedule.close());
    await eventually(() => warnings.length >= 2);
    await schedule.close();
    expect(await versionsOf('user', 'a')).toContain(50);
  });
});
