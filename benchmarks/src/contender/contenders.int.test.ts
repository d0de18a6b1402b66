import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer } from '@annals/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sampleEvent } from '../event/sample-event.ts';
import { serverUsage } from '../measure/process-usage.ts';
import { MODES } from '../mode/server-mode.ts';
import type { Place } from '../place/place.ts';
import { findPostgres } from '@annals/testing';
import { startPostgres } from '@annals/testing';
import { postgresSettings } from '../postgres/postgres-settings.ts';
import { fillStore } from '../task/fill-store.ts';
import { runTask } from '../task/run-task.ts';
import { type Contender, NO_HEAD, VersionConflict } from './contender.ts';
import { type ContenderName, openContender } from './open-contender.ts';

const postgres = await findPostgres(process.env);
const NAMES: readonly ContenderName[] = ['raw', 'annals', ...(postgres ? (['postgres'] as const) : [])];
const FILL = { aggregates: 3, eventsPerAggregate: 10, large: 1_050 };

let place: Place;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  const server = await startNatsServer();
  cleanups.push(() => server.stop());
  place = { natsUrls: [server.url], replicas: 1, postgresPool: 4 };
  if (!postgres) return;
  const directory = await mkdtemp(join(tmpdir(), 'annals-bench-test-'));
  await chmod(directory, 0o711);
  cleanups.push(() => rm(directory, { recursive: true }));
  const database = await startPostgres(postgres, {
    dataDir: join(directory, 'postgres'),
    settings: postgresSettings(MODES.r1),
  });
  cleanups.push(() => database.stop());
  place = { ...place, postgresUrl: database.url };
  // What a run shows of the server, where the system tells.
  if (process.platform === 'linux') expect(serverUsage([database.pid])?.memoryBytes).toBeGreaterThan(1_000_000);
});

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup();
});

describe.each(NAMES)('the contender %s', (name) => {
  let contender: Contender;

  beforeAll(async () => {
    contender = await openContender(name, place);
    await fillStore(contender, FILL, () => {});
  });

  afterAll(() => contender.close());

  it('appends events one by one and several at once, and reads them back with the head', async () => {
    const one = await contender.append('whole', NO_HEAD, [sampleEvent(0)]);
    const four = await contender.append('whole', one, [1, 2, 3].map(sampleEvent));
    expect(four.version).toBe(4);
    const { found, head } = await contender.read('whole');
    expect(found.events).toBe(4);
    expect(found.quantity).toBe([0, 1, 2, 3].map((n) => sampleEvent(n).data.quantity).reduce((a, b) => a + b));
    expect((await contender.append('whole', head, [sampleEvent(4)])).version).toBe(5);
  });

  it('refuses a stale writer with the real head, whole appends only', async () => {
    const head = await contender.append('disputed', NO_HEAD, [sampleEvent(0), sampleEvent(1)]);
    const stored = await contender.count();
    for (const late of [[sampleEvent(2)], [sampleEvent(2), sampleEvent(3), sampleEvent(4)]]) {
      const error = await contender.append('disputed', NO_HEAD, late).catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(VersionConflict);
      expect((error as VersionConflict).head.version).toBe(2);
    }
    expect(await contender.count()).toBe(stored);
    expect((await contender.append('disputed', head, [sampleEvent(2)])).version).toBe(3);
  });

  it('folds an aggregate that is larger than one answer of the server', async () => {
    const run = { limit: { seconds: 20, operations: 1 }, label: 'x', fill: FILL };
    expect(await runTask({ contender }, { kind: 'fold' }, run)).toMatchObject({ events: 1_050 });
  });

  it('scans all events', async () => {
    const expected = await contender.count();
    expect((await contender.scan(expected)).events).toBe(expected);
  });
});
