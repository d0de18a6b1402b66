import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '@annals/testing';
import { HandlingChild, Journal, type JournalLine } from './child-process.spec-support.ts';
import { HandlingBench } from './handling-bench.spec-support.ts';
import type { ChildOrders } from './handling-child.spec-support.ts';
import { QUICK, type TestSubscription } from './handling-process.spec-support.ts';

const bench = new HandlingBench();
const IDS = ['a', 'b', 'c', 'd', 'e', 'f'];
const range = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

let directory: string;
let journal: Journal;
let children: HandlingChild[];
let load: Load | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'annals-killed-'));
  await bench.open();
});
afterAll(async () => {
  await bench.close();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(() => {
  bench.begin();
  journal = new Journal(join(directory, bench.tenantId));
  children = [];
});
afterEach(async () => {
  await load?.end();
  load = undefined;
  await Promise.all(children.map((child) => child.kill()));
  await bench.end();
});

function spawn(subscription: Partial<TestSubscription>, orders: Partial<ChildOrders> = {}): HandlingChild {
  const name = `process-${children.length + 1}`;
  const child = new HandlingChild({
    servers: bench.server.url,
    subscription: bench.options({ timing: QUICK, backoffMs: [50], ...subscription }),
    journal: journal.path,
    name,
    workMs: 2,
    ...orders,
  });
  children.push(child);
  return child;
}

const hasStarted = (child: HandlingChild) =>
  eventually(() => journal.lines().some(({ by, did }) => by === child.orders.name && did === 'start'));

const lastLine = (): JournalLine | undefined => journal.lines().findLast(({ did }) => did === 'begin');

/** Appends to all aggregates until it is ended. */
class Load {
  private ending = false;
  private readonly ended = this.run();

  /** @returns how many events each aggregate has */
  end(): Promise<number> {
    this.ending = true;
    return this.ended;
  }

  private async run(): Promise<number> {
    for (let appended = 0; ; appended += 5) {
      if (this.ending) return appended;
      await Promise.all(IDS.map((id) => bench.append(5, id, appended)));
      await pause(20);
    }
  }
}

/** Nothing is handled before what is older in its aggregate was handled at least once. */
function expectOrder(id: string, count: number): void {
  let highest = 0;
  for (const n of journal.ended(id)) {
    expect(n).toBeLessThanOrEqual(highest + 1);
    highest = Math.max(highest, n);
  }
  expect(highest).toBe(count);
}

describe('processes that are killed', () => {
  it('miss no event and keep the order of each aggregate, when it is the active one of an ordered subscription', async () => {
    const KILLS = 4;
    const subscription = { mode: 'ordered', concurrency: 8 } as const;
    let active = spawn(subscription);
    let standby = spawn(subscription);
    await Promise.all([hasStarted(active), hasStarted(standby)]);
    load = new Load();
    const takeovers: number[] = [];
    for (let kills = 0; kills < KILLS; kills++) {
      const before = journal.ended().length;
      await eventually(() => journal.ended().length > before + 10);
      if (lastLine()!.by === standby.orders.name) [active, standby] = [standby, active];
      await active.kill();
      const killedMs = Date.now();
      const [dead, next] = [active, standby];
      await eventually(() => lastLine()!.by === next.orders.name, { deadlineMs: 20_000, intervalMs: 5 });
      const first = journal
        .lines()
        .find(({ by, did, atMs }) => by === next.orders.name && did === 'begin' && atMs >= killedMs)!;
      takeovers.push(first.atMs - killedMs);
      expect(dead.isGone).toBe(true);
      active = next;
      standby = spawn(subscription);
      await hasStarted(standby);
    }
    const count = await load.end();
    await eventually(() => IDS.every((id) => journal.ended(id).includes(count)), { deadlineMs: 20_000 });
    for (const id of IDS) expectOrder(id, count);
    const attempts = journal.lines().filter(({ did }) => did === 'begin').length;
    console.info(
      `takeovers after kill -9, where a place lapses after ${QUICK.pinTimeoutMs} ms: ${takeovers.join(', ')} ms; ` +
        `${attempts - IDS.length * count} of ${IDS.length * count} events handed over again`,
    );
  }, 60_000);

  it('leave their place to a standby that goes on with what they had in hand, also when no event comes', async () => {
    const subscription = { mode: 'ordered', concurrency: 8 } as const;
    const active = spawn(subscription, { workMs: 60_000 });
    await hasStarted(active);
    for (const id of IDS) await bench.append(3, id);
    await eventually(() => journal.lines().filter(({ did }) => did === 'begin').length === IDS.length);
    const standby = spawn(subscription);
    await hasStarted(standby);
    await active.kill();
    const killedMs = Date.now();
    await eventually(() => journal.ended().length === 3 * IDS.length);
    expect(Date.now() - killedMs).toBeLessThan(8 * QUICK.pinTimeoutMs);
    for (const id of IDS) expect(journal.ended(id)).toEqual([1, 2, 3]);
  }, 30_000);

  it('only seemingly, being frozen, begin nothing when they wake and another is active', async () => {
    const subscription = { mode: 'ordered', concurrency: 2 } as const;
    const frozen = spawn(subscription, { workMs: 10 });
    await hasStarted(frozen);
    for (const id of IDS) await bench.append(20, id);
    await eventually(() => journal.ended().length > 5);
    const standby = spawn(subscription, { workMs: 10 });
    await hasStarted(standby);
    frozen.signal('SIGSTOP');
    // The active one may have handled all before it was frozen.
    for (const id of IDS) await bench.append(20, id, 20);
    await eventually(() => lastLine()!.by === standby.orders.name);
    const begun = () => journal.lines().filter(({ by, did }) => by === frozen.orders.name && did === 'begin').length;
    const before = begun();
    frozen.signal('SIGCONT');
    await eventually(() => IDS.every((id) => journal.ended(id).includes(40)));
    expect(begun()).toBe(before);
    for (const id of IDS) expectOrder(id, 40);
  }, 30_000);

  it.each(['shared', 'ordered'] as const)(
    'at every attempt of one event leave that one alone as a dead letter, in a %s subscription',
    async (mode) => {
      for (const id of IDS) await bench.append(8, id, IDS.indexOf(id) * 8);
      const poison = 20;
      const subscription = {
        mode,
        maxDeliver: 3,
        concurrency: 4,
        ...(mode === 'ordered' && { onDeadLetter: 'continue' as const }),
      };
      const inspector = await bench.process();
      let child = spawn(subscription, { poison });
      const isDone = () => new Set(journal.ended()).size === 47;
      const start = Date.now();
      while (!(isDone() && (await bench.lettersOf(inspector)).length > 0)) {
        if (child.isGone) child = spawn(subscription, { poison });
        if (Date.now() - start > 30_000) break;
        await pause(20);
      }
      const letters = await bench.lettersOf(inspector);
      expect(letters).toMatchObject([{ kind: 'process-ended', event: { data: { n: poison } } }]);
      expect([...new Set(journal.ended())].sort((a, b) => a - b)).toEqual(range(48).filter((n) => n !== poison));
      const attempts = journal.lines().filter(({ did, n }) => did === 'begin' && n === poison);
      expect(attempts.length).toBeGreaterThanOrEqual(3);
      expect(attempts.length).toBeLessThanOrEqual(4);
      await eventually(async () => (await bench.state(inspector)).ackPending === 0);
      expect(child.isGone).toBe(false);
      console.info(`${mode}: ${attempts.length} attempts ended the process, ${Date.now() - start} ms in all`);
    },
    60_000,
  );

  it.each(['shared', 'ordered'] as const)(
    'by SIGTERM under load finish what they have begun: nothing is lost or doubled in a %s subscription',
    async (mode) => {
      const subscription = { mode, concurrency: 8, timing: { ...QUICK, ackWaitMs: 5_000 } };
      load = new Load();
      let child = spawn(subscription);
      await hasStarted(child);
      for (let restarts = 0; restarts < 3; restarts++) {
        const next = spawn(subscription);
        await hasStarted(next);
        const before = journal.ended().length;
        await eventually(() => journal.ended().length > before + 50);
        expect(await child.terminate()).toBe(0);
        child = next;
      }
      const count = await load.end();
      await eventually(() => IDS.every((id) => new Set(journal.ended(id)).size === count), { deadlineMs: 20_000 });
      for (const id of IDS) {
        expect(journal.ended(id).sort((a, b) => a - b)).toEqual(range(count));
        if (mode === 'ordered') expectOrder(id, count);
      }
      const began = journal.lines().filter(({ did }) => did === 'begin').length;
      expect(began).toBe(count * IDS.length);
    },
    60_000,
  );
});
