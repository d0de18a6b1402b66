import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { eventually } from '@annals/testing';
import { provisionStreams } from '../provision/provision-streams.ts';
import { eventsOf, publishEvent, publishEvents } from '../scan/published-events.spec-support.ts';
import { resolveTopology } from '../topology/topology.ts';
import {
  checkpointOf,
  countOf,
  jsm,
  nc,
  newProcess,
  prefix,
  someEvents,
  stream,
  useStatsStores,
} from './stats.spec-support.ts';

useStatsStores();

describe('StatsProjection', () => {
  it('has nothing to say of an empty store', async () => {
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf([]));
    expect(await projection.stats('acme')).toEqual(countOf([]));
  });

  it('says what a full count says, for all and for each tenant', async () => {
    const events = someEvents(2_500);
    await publishEvents(nc, prefix, events);
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf(events));
    for (const tenantId of ['acme', 'ünïcode.*>', '-', 'nobody']) {
      expect(await projection.stats(tenantId)).toEqual(countOf(events, tenantId));
    }
  });

  it('adds up over all streams of the topology', async () => {
    const name = `${stream}_ORDERS`;
    const several = resolveTopology({ defaultStream: stream, streams: [{ stream: name, aggregateTypes: ['order'] }] });
    await provisionStreams(jsm, several, { logger: silentLogger });
    const users = eventsOf('user', '1', 30);
    const orders = eventsOf('order', '1', 50);
    await publishEvents(nc, prefix, users);
    await publishEvents(nc, several.bindingOf('order').prefix, orders);
    const { projection } = await newProcess({ of: several });
    expect(await projection.stats()).toEqual(countOf([...users, ...orders]));
  });

  it('counts neither idempotency markers nor the store’s own events nor what is no event', async () => {
    const events = eventsOf('user', '1', 3);
    await publishEvents(nc, prefix, events);
    await publishEvents(nc, prefix, [{ ...events[0]!, version: 4, type: 'annals.event.redacted' }]);
    nc.publish(`${prefix}.not.an.event`, 'x');
    nc.publish(`idem.${stream}.acme.key`, 'x');
    await nc.flush();
    const { projection } = await newProcess();
    expect(await projection.stats()).toEqual(countOf(events));
    nc.publish(`idem.${stream}.acme.other-key`, 'x');
    await nc.flush();
    expect(await projection.stats()).toEqual(countOf(events));
  });

  it('includes every event that was acknowledged before, each time it is asked', async () => {
    const { projection } = await newProcess();
    const other = await newProcess();
    for (const [i, event] of eventsOf('user', '1', 40).entries()) {
      await publishEvent(nc, prefix, event);
      const asked = i % 2 ? projection : other.projection;
      expect((await asked.stats('acme')).totalEvents).toBe(i + 1);
    }
  });

  it('is exact under concurrent writers, in every process, at any moment', async () => {
    const processes = await Promise.all([newProcess({ checkpointEveryMs: 20 }), newProcess({ checkpointEveryMs: 20 })]);
    let acknowledged = 0;
    let sent = 0;
    const writers = [1, 2, 3].map(async (writer) => {
      for (const event of someEvents(300, writer)) {
        sent++;
        await publishEvent(nc, prefix, event);
        acknowledged++;
      }
    });
    let writing = true;
    const done = Promise.all(writers).then(() => (writing = false));
    while (writing) {
      const before = acknowledged;
      const answers = await Promise.all(processes.map(({ projection }) => projection.stats()));
      for (const { totalEvents, eventTypeBreakdown } of answers) {
        expect(totalEvents).toBeGreaterThanOrEqual(before);
        expect(totalEvents).toBeLessThanOrEqual(sent);
        expect(Object.values(eventTypeBreakdown).reduce((sum, n) => sum + n, 0)).toBe(totalEvents);
      }
    }
    await done;
    const all = [1, 2, 3].flatMap((writer) => someEvents(300, writer));
    for (const { projection } of processes) expect(await projection.stats()).toEqual(countOf(all));
    const late = await newProcess();
    expect(await late.projection.stats()).toEqual(countOf(all));
  });

  it('goes on where the last process ended instead of counting again', async () => {
    const events = someEvents(600);
    await publishEvents(nc, prefix, events.slice(0, 400));
    const first = await newProcess();
    expect(await first.projection.stats()).toEqual(countOf(events.slice(0, 400)));
    await first.close();
    await publishEvents(nc, prefix, events.slice(400));
    const second = await newProcess();
    expect(await second.projection.stats()).toEqual(countOf(events));
    expect([first.countings(), second.countings()]).toEqual([1, 0]);
  });

  it('keeps a checkpoint while it runs, and none that is behind another process’s', async () => {
    const [ahead, behind] = await Promise.all([newProcess({ checkpointEveryMs: 10 }), newProcess()]);
    await publishEvents(nc, prefix, eventsOf('user', '1', 10));
    await behind.projection.stats();
    await publishEvents(nc, prefix, eventsOf('user', '1', 10, 10));
    await ahead.projection.stats();
    const kept = async () => ((await checkpointOf(stream).read()) as { value?: { position: number } }).value?.position;
    await eventually(async () => (await kept()) === 20);
    await behind.close();
    expect(await kept()).toBe(20);
  });
});
