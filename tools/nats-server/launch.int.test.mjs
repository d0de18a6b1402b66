import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../process/wait-until.mjs';
import { launchNatsServer, provisionNatsServer } from './index.mjs';
/** @import { LaunchOptions, RunningNatsServer } from './index.mjs' */

/** @type {string} */
let binary;
/** @type {string} */
let dataDir;
/** @type {RunningNatsServer[]} */
let servers;

beforeAll(async () => {
  binary = (await provisionNatsServer()).path;
}, 120_000);
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'annals-launch-'));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

/** @param {Partial<LaunchOptions>} [options] */
async function launch(options = {}) {
  const server = await launchNatsServer({ binary, dataDir, ...options });
  servers.push(server);
  return server;
}

/**
 * Whether a process runs; one that ended and waits for its parent to notice does not.
 * @param {number} pid
 */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/**
 * @template T
 * @param {RunningNatsServer} server
 * @param {(connection: import('@nats-io/transport-node').NatsConnection) => Promise<T>} act
 */
async function withConnection(server, act) {
  const connection = await connect({ servers: server.url, reconnect: false });
  try {
    return await act(connection);
  } finally {
    await connection.close();
  }
}

/** @param {RunningNatsServer} server */
const storeOneMessage = (server) =>
  withConnection(server, async (connection) => {
    const manager = await jetstreamManager(connection);
    await manager.streams.add({ name: 'KEPT', subjects: ['kept.>'] });
    await jetstream(connection).publish('kept.1', 'hello');
  });

/** @param {RunningNatsServer} server */
const countMessages = (server) =>
  withConnection(server, async (connection) => {
    const manager = await jetstreamManager(connection);
    return (await manager.streams.info('KEPT')).state.messages;
  });

describe('a launched nats-server', () => {
  test('takes JetStream requests as soon as it is there, with the wanted fsync', async () => {
    const server = await launch({ syncInterval: 'always' });
    await storeOneMessage(server);
    expect(await countMessages(server)).toBe(1);
    expect(await readFile(server.configFile, 'utf8')).toMatch(/sync_interval: always/);
    expect(await readFile(server.logFile, 'utf8')).toMatch(/Server is ready/);
  });

  test('keeps its data over an orderly stop and a start, on the same port', async () => {
    const server = await launch();
    const { port } = server;
    await storeOneMessage(server);
    await server.stop();
    expect(server.running).toBe(false);
    await server.start();
    expect(server.port).toBe(port);
    expect(await countMessages(server)).toBe(1);
  });

  test('keeps what was acknowledged over kill -9 and a start', async () => {
    const server = await launch({ syncInterval: 'always' });
    await storeOneMessage(server);
    const before = server.pid;
    await server.kill();
    expect(await server.exited).toEqual({ code: null, signal: 'SIGKILL' });
    await server.start();
    expect(server.pid).not.toBe(before);
    expect(await countMessages(server)).toBe(1);
  });

  test('starts again although somebody held its port for a moment', async () => {
    const server = await launch();
    await server.kill();
    const other = createServer();
    await new Promise((resolve) => other.listen(server.port, '127.0.0.1', () => resolve(undefined)));
    const starting = server.start();
    await waitUntil(async () => readFileSync(server.logFile, 'utf8').includes('address already in use'), {
      timeoutMs: 10_000,
      intervalMs: 10,
      otherwise: () => new Error('it did not try to start'),
    });
    await new Promise((resolve) => other.close(resolve));
    await starting;
    expect(server.running).toBe(true);
  });

  test('leaves no process when it is stopped, also when it was frozen', async () => {
    const server = await launch();
    const pid = Number(server.pid);
    await server.kill('SIGSTOP');
    expect(server.running).toBe(true);
    await server.stop();
    expect(isAlive(pid)).toBe(false);
    expect(server.pid).toBeUndefined();
  });

  test('does not outlive the process that launched it, even if that is killed', async () => {
    const source = `
      const { launchNatsServer } = await import(${JSON.stringify(new URL('./index.mjs', import.meta.url).href)});
      const server = await launchNatsServer(${JSON.stringify({ binary, dataDir })});
      process.stdout.write(String(server.pid));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', source], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    try {
      const pid = await new Promise((resolve) => parent.stdout.once('data', (data) => resolve(Number(data))));
      expect(isAlive(pid)).toBe(true);
      parent.kill('SIGKILL');
      await waitUntil(async () => !isAlive(pid), {
        timeoutMs: 10_000,
        otherwise: () => new Error(`nats-server ${pid} is still there`),
      });
    } finally {
      parent.kill('SIGKILL');
    }
  });

  test('says what is wrong when its port is taken by another program', async () => {
    const other = createServer();
    await new Promise((resolve) => other.listen(0, '127.0.0.1', () => resolve(undefined)));
    const { port } = /** @type {import('node:net').AddressInfo} */ (other.address());
    const attempt = launch({ port });
    await expect(attempt).rejects.toMatchObject({
      code: 'NATS_SERVER_START_FAILED',
      portTaken: true,
      message: expect.stringMatching(/address already in use/),
    });
    await new Promise((resolve) => other.close(resolve));
  });

  test('says what is wrong with its configuration', async () => {
    await expect(launch({ extraConfig: 'no_such_option: 1' })).rejects.toThrow(/no_such_option/);
  });

  test('that is no program at all is an error, not a wait', async () => {
    await expect(launch({ binary: join(dataDir, 'missing') })).rejects.toThrow(/could not be started/);
  });

  test('gets the settings that were asked for', async () => {
    const server = await launch({ httpPort: 0, maxPayloadBytes: 12_345, maxFileStoreBytes: 1_000_000, name: 'named' });
    const variables = /** @type {any} */ (await (await fetch(`${server.httpUrl}/varz`)).json());
    expect(variables).toMatchObject({ server_name: 'named', max_payload: 12_345 });
    expect(variables.jetstream.config.max_storage).toBe(1_000_000);
  });
});
