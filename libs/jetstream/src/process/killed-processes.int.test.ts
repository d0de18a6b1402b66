import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { EventStore, ProcessInstance } from '@annals/core';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { openJetStreamStore } from '../store/open-jetstream-store.ts';
import { type ProcessOrders, trials } from './process-child.spec-support.ts';

const PROGRAM = fileURLToPath(new URL('./process-child.spec-support.ts', import.meta.url));
const HOOKS = new URL('../../typescript-hooks.mjs', import.meta.url).href;
const REGISTER = `data:text/javascript,import { register } from 'node:module'; register('${HOOKS}');`;
const KEYS = ['a', 'b', 'c', 'd'];
const LONG = { deadlineMs: 30_000 };

let server: TestNatsServer;
let store: EventStore;
let directory: string;
let journal: string;
let name: string;
let tests = 0;
let children: ChildProcess[];

beforeAll(async () => {
  server = await startNatsServer();
  directory = await mkdtemp(join(tmpdir(), 'annals-processes-'));
});
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});
beforeEach(async () => {
  store = await openJetStreamStore({ servers: server.url });
  name = `trials-${++tests}`;
  journal = join(directory, name);
  writeFileSync(journal, '');
  children = [];
});
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  await store.close();
});

function spawn(orders: Pick<ProcessOrders, 'dies' | 'timeoutMs'> & Partial<ProcessOrders>): ChildProcess {
  const all: ProcessOrders = { servers: server.url, process: name, tenantId: `tenant-${name}`, journal, ...orders };
  const child = fork(PROGRAM, [JSON.stringify(all)], {
    execArgv: ['--conditions=@annals/source', '--import', REGISTER, '--no-warnings'],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  return child;
}

/** Two events for each instance, of different aggregates. */
async function placeOrders(tenantId: string): Promise<void> {
  for (const id of KEYS) await store.append({ type: 'order', id, tenantId }, { type: 'order.placed', data: {} });
  for (const order of KEYS) {
    await store.append({ type: 'change', id: `${order}-1`, tenantId }, { type: 'order.changed', data: { order } });
  }
}

async function bill(tenantId: string, id: string): Promise<unknown[]> {
  const { events } = await store.load({ type: 'bill', id, tenantId }, { cache: false });
  return events.map(({ type, data }) => [type, data]);
}

const tell = (path: string): { key: string; n: number; id: string }[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { key: string; n: number; id: string });

const over = (tenantId: string, process = name) =>
  eventually(async () => {
    const found = await store.processes.instances(process, { tenantId });
    const isOver = ({ endedAt, pendingEffects }: Pick<ProcessInstance, 'endedAt' | 'pendingEffects'>) =>
      endedAt !== undefined && pendingEffects === 0;
    return found.instances.length === KEYS.length && found.instances.every(isOver);
  }, LONG);

const FINISHED = [
  ['bill.line', { n: 1 }],
  ['bill.line', { n: 2 }],
  ['bill.closed', { placed: 2 }],
];

/** What is left after one process was killed on the way and another finished. */
async function killedAndFinished(
  dies: ProcessOrders['dies'],
): Promise<{ bills: unknown[][]; ids: Set<string>[]; told: number }> {
  const process = `${name}-${dies}`;
  const tenantId = `tenant-${process}`;
  const path = join(directory, process);
  writeFileSync(path, '');
  const orders = { process, tenantId, journal: path, timeoutMs: 1_000 };
  await placeOrders(tenantId);
  const first = spawn({ ...orders, dies });
  await once(first, 'exit');
  expect(first.signalCode).toBe('SIGKILL');
  spawn({ ...orders, dies: 'never' });
  await over(tenantId, process);
  const lines = tell(path);
  const ids = KEYS.flatMap((key) =>
    [1, 2].map((n) => new Set(lines.filter((line) => line.key === key && line.n === n).map(({ id }) => id))),
  );
  return { bills: await Promise.all(KEYS.map((key) => bill(tenantId, key))), ids, told: lines.length };
}

describe('a process manager whose process is killed', () => {
  it('has every event it decided upon once, and every command by one id, after another took over', async () => {
    const deaths = ['before-append', 'after-append', 'in-command'] as const;
    // Side by side: the turn of a process that died lasts a while.
    for (const { bills, ids, told } of await Promise.all(deaths.map(killedAndFinished))) {
      expect(bills).toEqual(KEYS.map(() => FINISHED));
      expect(ids.map(({ size }) => size)).toEqual(ids.map(() => 1));
      // Only what was in hand is commanded again.
      expect(told).toBeLessThanOrEqual(ids.length + KEYS.length);
    }
  }, 60_000);

  it('does nothing twice where a frozen replica wakes up after another took over', async () => {
    const tenantId = `tenant-${name}`;
    const frozen = spawn({ dies: 'never', timeoutMs: 3_000 });
    await eventually(async () => (await store.processes.list()).some((known) => known.name === name), LONG);
    await eventually(async () => (await store.processes.get(name)).state === 'running', LONG);
    await placeOrders(tenantId);
    frozen.kill('SIGSTOP');
    spawn({ dies: 'never', timeoutMs: 3_000 });
    await over(tenantId);
    frozen.kill('SIGCONT');
    await store.append({ type: 'order', id: 'z', tenantId }, { type: 'order.placed', data: {} });
    await eventually(async () => (await bill(tenantId, 'z')).length === 1, LONG);
    for (const key of KEYS) expect(await bill(tenantId, key)).toEqual(FINISHED);
  }, 60_000);
});

describe('a process manager whose nats-server is killed', () => {
  it('goes on where it stood: timers fire once, and events that came in time are decided upon first', async () => {
    const tenantId = `tenant-${name}`;
    const told: string[] = [];
    const running = await store.processes.run(trials(name, tenantId, 1_500), {
      commands: { tell: ({ n }: { n: number }, { key }) => void told.push(`${key}${n}`) },
    });
    await placeOrders(tenantId);
    await eventually(async () => {
      const { instances } = await store.processes.instances(name, { tenantId });
      return told.length === KEYS.length * 2 && instances.every(({ pendingEffects }) => pendingEffects === 0);
    }, LONG);
    await server.kill();
    await server.restart();
    await over(tenantId);
    for (const key of KEYS) expect(await bill(tenantId, key)).toEqual(FINISHED);
    expect([...told].sort()).toEqual(KEYS.flatMap((key) => [`${key}1`, `${key}2`]));
    await running.stop();
  }, 60_000);
});
