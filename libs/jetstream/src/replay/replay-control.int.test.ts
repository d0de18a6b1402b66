import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { EventStore, ReplayJob, ReplayRequest } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { Listener, ReplayStores, fill, untilOver } from './replays.spec-support.ts';

let server: TestNatsServer;
const stores = new ReplayStores(() => server);
let subjects = 0;

beforeAll(async () => {
  server = await startNatsServer();
});

afterEach(() => stores.close());

afterAll(async () => {
  await server.stop();
});

const toSubject = (): ReplayRequest['target'] & { subject: string } => ({
  type: 'subject',
  subject: `control.${++subjects}`,
});

const until = (store: EventStore, id: string, wanted: (job: ReplayJob) => boolean): Promise<ReplayJob> =>
  eventually(async () => {
    const job = await store.replays.get(id);
    return wanted(job) && job;
  });

describe('a replay that is steered from another process', () => {
  it('stops when it is paused, stays so over restarts, and goes on where it was', async () => {
    const starter = await stores.open({});
    const driver = await stores.open({ drive: true });
    const tenantId = await fill(starter, 600);
    const target = toSubject();
    const listener = await Listener.start(server.url, target.subject);
    const { id } = await starter.replays.start({ filter: { tenantId }, target, ratePerSecond: 1_000 });
    await until(starter, id, ({ delivered }) => delivered >= 100);
    const paused = await starter.replays.pause(id);
    expect(paused).toMatchObject({ state: 'paused', rate: 0 });
    await driver.close();
    const { delivered } = await starter.replays.get(id);
    expect(listener.bodies.length).toBe(delivered);
    expect(delivered).toBeLessThan(600);

    const next = await stores.open({ drive: true });
    expect(await next.replays.pause(id)).toMatchObject({ state: 'paused' });
    await next.replays.resume(id);
    expect(await untilOver(next, id)).toMatchObject({ state: 'completed', delivered: 600 });
    expect(listener.numbers()).toEqual(Array.from({ length: 600 }, (_, i) => i + 1));
    await listener.stop();
  });

  it('notices a pause within about a second while it hands nothing over', async () => {
    const store = await stores.open({ drive: true });
    const other = await stores.open({});
    const tenantId = await fill(store, 5);
    const { id } = await store.replays.start({ filter: { tenantId }, target: toSubject(), ratePerSecond: 0.1 });
    await until(store, id, ({ delivered }) => delivered === 1);
    await other.replays.cancel(id);
    const cancelledAtMs = Date.now();
    await stores.close();
    expect(Date.now() - cancelledAtMs).toBeLessThan(2_000);
  });

  it('ends when it is cancelled, and cannot change any more', async () => {
    const store = await stores.open({ drive: true });
    const other = await stores.open({});
    const tenantId = await fill(store, 1_000);
    const { id } = await store.replays.start({ filter: { tenantId }, target: toSubject(), ratePerSecond: 500 });
    await until(store, id, ({ delivered }) => delivered > 0);
    expect(await other.replays.cancel(id)).toMatchObject({ state: 'cancelled', finishedAt: expect.any(String) });
    expect(await other.replays.cancel(id)).toMatchObject({ state: 'cancelled' });
    await expect(other.replays.resume(id)).rejects.toMatchObject({ code: 'replay-finished', state: 'cancelled' });
    await expect(other.replays.pause(id)).rejects.toMatchObject({ code: 'replay-finished' });
    await stores.close();
    const last = await stores.open({ drive: true });
    expect(await last.replays.get(id)).toMatchObject({ state: 'cancelled' });
  });

  it('tells its rate and how long the rest takes', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 2_000);
    const { id } = await store.replays.start({ filter: { tenantId }, target: toSubject(), ratePerSecond: 200 });
    const job = await until(store, id, ({ delivered }) => delivered >= 200);
    expect(job.rate).toBeGreaterThan(100);
    expect(job.rate).toBeLessThan(300);
    expect(job.etaMs).toBeGreaterThan(3_000);
    expect(job.etaMs).toBeLessThan(20_000);
    await store.replays.cancel(id);
  });
});

describe('two processes that drive', () => {
  it('share jobs, and hand no event over twice', async () => {
    const [first, second] = [await stores.open({ drive: true }), await stores.open({ drive: true })];
    const tenantId = await fill(first, 300);
    const listener = await Listener.start(server.url, 'shared.*');
    const jobs = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        (i % 2 ? first : second).replays.start({
          filter: { tenantId },
          target: { type: 'subject', subject: `shared.${i}` },
        }),
      ),
    );
    for (const { id } of jobs) expect(await untilOver(first, id)).toMatchObject({ state: 'completed', delivered: 300 });
    expect(listener.bodies.length).toBe(1_800);
    await listener.stop();
  });

  it('hand a job on at once when one of them is closed', async () => {
    const first = await stores.open({ drive: true });
    const tenantId = await fill(first, 1_000);
    const target = toSubject();
    const listener = await Listener.start(server.url, target.subject);
    const { id } = await first.replays.start({ filter: { tenantId }, target, ratePerSecond: 1_000 });
    await until(first, id, ({ delivered }) => delivered > 0);
    const second = await stores.open({ drive: true });
    await first.close();
    expect((await second.replays.get(id)).state).toBe('running');
    expect(await untilOver(second, id)).toMatchObject({ state: 'completed', delivered: 1_000 });
    expect(listener.numbers()).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    await listener.stop();
  });
});

describe('a process that does not drive', () => {
  it('leaves jobs to others', async () => {
    const starter = await stores.open({});
    const tenantId = await fill(starter, 10);
    const { id } = await starter.replays.start({ filter: { tenantId }, target: toSubject() });
    expect(await starter.replays.get(id)).toMatchObject({ state: 'pending', total: 0 });
    const driver = await stores.open({ drive: true });
    expect(await untilOver(driver, id)).toMatchObject({ state: 'completed', delivered: 10 });
  });
});

describe('a server that is killed', () => {
  it('is waited for, and the replay goes on', async () => {
    const store = await stores.open({ drive: true });
    const tenantId = await fill(store, 1_000);
    const target = toSubject();
    const { id } = await store.replays.start({ filter: { tenantId }, target, ratePerSecond: 1_000 });
    await until(store, id, ({ delivered }) => delivered > 100);
    await server.kill();
    await server.restart();
    expect(await untilOver(store, id)).toMatchObject({ state: 'completed', delivered: 1_000, failed: 0 });
  });
});
