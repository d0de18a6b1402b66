import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { eventually } from '@annals/testing';
import { provisionStreams } from '../provision/provision-streams.ts';
import { type PublishedEvent, eventsOf, publishEvent, publishEvents } from '../scan/published-events.spec-support.ts';
import { resolveTopology } from '../topology/topology.ts';
import { sweepRetention } from './sweep-retention.ts';
import {
  ALL,
  dyingChannel,
  jsm,
  nc,
  parts,
  prefix,
  storedSubjects,
  stream,
  versionsOf,
  useSweepStores,
} from './sweep.spec-support.ts';

useSweepStores();

async function recordedAt(sequence: number): Promise<string> {
  return (await jsm.streams.getMessage(stream, { seq: sequence }))!.timestamp;
}

const loose = (messageId: string): PublishedEvent => ({
  tenantId: 'acme',
  type: 'audit.noted',
  messageId,
  timestamp: '2024-01-01T00:00:00Z',
});

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
