import { describe, expect, it } from '@jest/globals';
import { silentLogger } from '@annals/core';
import { eventually, startNatsCluster, startNatsServer } from '@annals/testing';
import { STATS_BUCKET, checkpointKey } from '../bucket/bucket-names.ts';
import { checkServer } from '../provision/check-server.ts';
import { provisionStreams } from '../provision/provision-streams.ts';
import { eventsOf, publishEvent, publishEvents } from '../scan/published-events.spec-support.ts';
import {
  afterwards,
  checkpointOf,
  countOf,
  jsm,
  nc,
  newProcess,
  prefix,
  someEvents,
  stream,
  topology,
  useStatsStores,
} from './stats.spec-support.ts';

useStatsStores();

describe('StatsProjection', () => {
  it.each<[string, (name: string) => Promise<unknown>]>([
    ['is lost', () => jsm.streams.delete(`KV_${STATS_BUCKET}`)],
    ['is damaged', (name) => nc.request(`$KV.${STATS_BUCKET}.${checkpointKey(name)}`, 'garbage')],
    [
      'is of another format',
      async (name) => checkpointOf(name).write({ position: 'far' }, await checkpointOf(name).read()),
    ],
    [
      'is of a stream that was restored from a backup since',
      async (name) => {
        const document = await checkpointOf(name).read();
        const { value } = document as { value: Record<string, unknown> };
        const anchor = { sequence: 100, recordedAtNs: '1700000000000000000' };
        await checkpointOf(name).write({ ...value, position: 100, anchor }, document);
      },
    ],
    [
      'is ahead of the stream',
      async (name) => {
        const document = await checkpointOf(name).read();
        const { value } = document as { value: Record<string, unknown> };
        await checkpointOf(name).write({ ...value, position: 1_000_000 }, document);
      },
    ],
  ])('counts anew when the checkpoint %s', async (_, harm) => {
    const events = someEvents(150);
    await publishEvents(nc, prefix, events);
    const first = await newProcess();
    await first.projection.stats();
    await first.close();
    await harm(stream);
    const second = await newProcess();
    expect(await second.projection.stats()).toEqual(countOf(events));
    expect(second.countings()).toBe(1);
    await second.close();
    const third = await newProcess();
    expect(await third.projection.stats()).toEqual(countOf(events));
    expect(third.countings()).toBe(0);
  });

  it('forgets a stream that was deleted and made anew, while it runs and from a checkpoint', async () => {
    await publishEvents(nc, prefix, someEvents(100));
    const running = await newProcess();
    const stopped = await newProcess();
    await Promise.all([running.projection.stats(), stopped.projection.stats()]);
    await stopped.close();
    await jsm.streams.delete(stream);
    await provisionStreams(jsm, topology, { logger: silentLogger });
    const events = someEvents(120, 5);
    await publishEvents(nc, prefix, events);
    const fresh = await newProcess();
    for (const { projection } of [running, fresh]) expect(await projection.stats()).toEqual(countOf(events));
  });

  it('answers store-unavailable while the stream is gone, and right again afterwards', async () => {
    const { projection } = await newProcess();
    await projection.stats();
    await jsm.streams.delete(stream);
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-unavailable' });
    await provisionStreams(jsm, topology, { logger: silentLogger });
    expect(await projection.stats()).toEqual(countOf([]));
  });

  it('answers store-closed once it is closed, also to those who wait', async () => {
    const { projection, close } = await newProcess();
    await publishEvents(nc, prefix, someEvents(50));
    const waiting = projection.stats().catch((error: unknown) => error);
    await projection.close();
    await projection.close();
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-closed' });
    expect([{ code: 'store-closed' }, countOf(someEvents(50))]).toContainEqual(
      await waiting.then((outcome) =>
        outcome instanceof Error ? { code: (outcome as { code?: string }).code } : outcome,
      ),
    );
    await close();
  });

  it('goes on over a server that is killed and started again', async () => {
    const own = await startNatsServer();
    afterwards(() => own.stop());
    const { connection, projection, countings } = await newProcess({ servers: [own.url] });
    await provisionStreams(await checkServer(connection), topology, { logger: silentLogger });
    const events = someEvents(300);
    await publishEvents(connection, prefix, events.slice(0, 200));
    await projection.stats();
    await own.kill();
    await expect(projection.stats()).rejects.toMatchObject({ code: 'store-unavailable' });
    await own.restart();
    await eventually(() => publishEvents(connection, prefix, []).then(() => connection.rtt()));
    await publishEvents(connection, prefix, events.slice(200));
    expect(await projection.stats()).toEqual(countOf(events));
    expect(countings()).toBe(1);
  });

  it('sees what was acknowledged in a cluster, whichever server its consumer is on', async () => {
    const cluster = await startNatsCluster();
    afterwards(() => cluster.stop());
    const replicated = { logger: silentLogger, replicas: 3 };
    const processes = await Promise.all(cluster.urls.map((url) => newProcess({ servers: [url] })));
    await provisionStreams(await checkServer(processes[0]!.connection), topology, replicated);
    for (const [i, event] of eventsOf('user', '1', 60).entries()) {
      await publishEvent(processes[i % 3]!.connection, prefix, event);
      const { totalEvents } = await processes[(i + 1) % 3]!.projection.stats();
      expect(totalEvents).toBe(i + 1);
    }
  }, 60_000);
});
