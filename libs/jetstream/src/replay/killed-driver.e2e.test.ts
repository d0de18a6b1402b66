import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type TestNatsServer, eventually, startNatsServer } from '@annals/testing';
import { Listener, ReplayStores, fill, untilOver } from './replays.spec-support.ts';

/** The built library, in a process that does nothing but drive. */
const PROGRAM = `
  import { openJetStreamStore } from '@annals/jetstream';
  await openJetStreamStore({ servers: process.env.SERVERS, replays: { drive: true } });
  console.log('ready');
`;
const BATCH = 100;

let server: TestNatsServer;
const stores = new ReplayStores(() => server);
const drivers: ChildProcess[] = [];

beforeAll(async () => {
  server = await startNatsServer();
});

afterEach(async () => {
  for (const driver of drivers.splice(0)) await kill(driver);
  await stores.close();
});

afterAll(async () => {
  await server.stop();
});

async function startDriver(): Promise<ChildProcess> {
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const { PATH } = process.env;
  const args = ['--input-type=module', '--eval', PROGRAM];
  const driver = spawn(process.execPath, args, { cwd, env: { PATH, SERVERS: server.url } });
  drivers.push(driver);
  let output = '';
  for (const stream of [driver.stdout, driver.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()));
  await eventually(() => {
    if (driver.exitCode !== null) throw new Error(output);
    return output.includes('ready');
  });
  return driver;
}

async function kill(driver: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (driver.exitCode !== null || driver.signalCode !== null) return;
  driver.kill(signal);
  await once(driver, 'exit');
}

describe('a process that drives a replay', () => {
  it('is killed with SIGKILL on the way: another one goes on, nothing is missed, one batch at most comes twice', async () => {
    const store = await stores.open({});
    const tenantId = await fill(store, 4_000);
    const listener = await Listener.start(server.url, 'killed.driver');
    const first = await startDriver();
    const target = { type: 'subject', subject: 'killed.driver' } as const;
    const { id } = await store.replays.start({ filter: { tenantId }, target, ratePerSecond: 2_000 });
    await eventually(() => listener.bodies.length > 1_000);
    const second = await startDriver();
    await kill(first);
    const seen = listener.bodies.length;
    const killedAtMs = Date.now();
    await eventually(() => listener.bodies.length > seen, { deadlineMs: 15_000 });
    const takeoverMs = Date.now() - killedAtMs;
    const job = await untilOver(store, id);
    expect(job).toMatchObject({ state: 'completed', total: 4_000, delivered: 4_000 });
    const numbers = listener.numbers();
    expect(new Set(numbers).size).toBe(4_000);
    expect(numbers.length - 4_000).toBeLessThanOrEqual(BATCH);
    expect(takeoverMs).toBeLessThan(10_000);
    await kill(second, 'SIGTERM');
    await listener.stop();
  });

  it('is frozen and wakes up when another one has the job: it hands over one batch more at most', async () => {
    const store = await stores.open({});
    const tenantId = await fill(store, 4_000);
    const listener = await Listener.start(server.url, 'frozen.driver');
    const first = await startDriver();
    const target = { type: 'subject', subject: 'frozen.driver' } as const;
    const { id } = await store.replays.start({ filter: { tenantId }, target, ratePerSecond: 1_000 });
    await eventually(() => listener.bodies.length > 500);
    first.kill('SIGSTOP');
    const second = await startDriver();
    const seen = listener.bodies.length;
    await eventually(() => listener.bodies.length > seen + 500, { deadlineMs: 15_000 });
    first.kill('SIGCONT');
    expect(await untilOver(store, id)).toMatchObject({ state: 'completed', delivered: 4_000 });
    const numbers = listener.numbers();
    expect(new Set(numbers).size).toBe(4_000);
    // What the frozen one had in hand, and what it had not saved yet.
    expect(numbers.length - 4_000).toBeLessThanOrEqual(2 * BATCH);
    expect([first.exitCode, second.exitCode]).toEqual([null, null]);
    await listener.stop();
  });
});
