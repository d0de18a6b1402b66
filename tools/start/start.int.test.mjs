import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { connect } from '@nats-io/transport-node';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandLineOf } from '../process/command-line-of.mjs';
import { StartedProgram, untilGone } from './started-program.mjs';

const START = fileURLToPath(new URL('start-with-fake-gateway.mjs', import.meta.url));

/** @type {string} */
let dataDir;
/** @type {StartedProgram[]} */
let programs;

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'annals-start-'));
  programs = [];
});
afterEach(async () => {
  await Promise.all(programs.map((program) => program.stop('SIGTERM')));
  await rm(dataDir, { recursive: true, force: true });
});

/** @param {NodeJS.ProcessEnv} [env] */
function start(env = {}) {
  const program = new StartedProgram([START], { DATA_DIR: dataDir, PORT: '0', ...env });
  programs.push(program);
  return program;
}

/** @param {StartedProgram} program */
async function urlOf(program) {
  return String((await program.printed(/Annals is ready on (\S+)/))[1]);
}

/**
 * @param {string} url
 * @returns {Promise<{ pid: number, natsUrl: string, dataDir: string, replayDirectory: string }>} what the stand-in for the gateway was given
 */
async function askGateway(url) {
  return /** @type {any} */ (await (await fetch(url)).json());
}

function natsPid() {
  return Number(JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')).natsPid);
}

/**
 * @template T
 * @param {string} natsUrl
 * @param {(connection: import('@nats-io/transport-node').NatsConnection) => Promise<T>} act
 */
async function withConnection(natsUrl, act) {
  const connection = await connect({ servers: natsUrl, reconnect: false });
  try {
    return await act(connection);
  } finally {
    await connection.close();
  }
}

/** @param {string} natsUrl */
const storeOneMessage = (natsUrl) =>
  withConnection(natsUrl, async (connection) => {
    await (await jetstreamManager(connection)).streams.add({ name: 'KEPT', subjects: ['kept'] });
    await jetstream(connection).publish('kept', 'hello');
  });

/** @param {string} natsUrl */
const countMessages = (natsUrl) =>
  withConnection(
    natsUrl,
    async (connection) => (await (await jetstreamManager(connection)).streams.info('KEPT')).state.messages,
  );

/** @param {number} port */
async function occupy(port) {
  const server = createServer();
  await new Promise((resolve) => server.once('error', resolve).listen(port, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo | null} */ (server.address());
  return { port: address?.port, close: () => new Promise((resolve) => server.close(resolve)) };
}

describe('npm start', () => {
  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'])(
    'stops everything on %s, the gateway first, and exits with 0',
    async (signal) => {
      const program = start();
      const gateway = await askGateway(await urlOf(program));
      const nats = natsPid();
      expect(await program.stop(/** @type {NodeJS.Signals} */ (signal))).toBe(0);
      expect(commandLineOf(gateway.pid)).toBeUndefined();
      expect(commandLineOf(nats)).toBeUndefined();
      expect(program.output).toMatch(/Stopping\nfake gateway stops\n/);
      const serverLog = readFileSync(join(dataDir, 'nats', 'nats-server.log'), 'utf8');
      expect(serverLog).toMatch(/Server Exiting/);
    },
  );

  test('keeps its data for the next start', async () => {
    const first = start();
    await storeOneMessage((await askGateway(await urlOf(first))).natsUrl);
    await first.stop();
    const second = start();
    expect(await countMessages((await askGateway(await urlOf(second))).natsUrl)).toBe(1);
  });

  test('acknowledges only what is on disk', async () => {
    await urlOf(start());
    expect(readFileSync(join(dataDir, 'nats', 'nats-server.conf'), 'utf8')).toMatch(/sync_interval: always/);
  });

  test('refuses a data directory that another start uses, and says which', async () => {
    const first = start();
    const url = await urlOf(first);
    await start().exited;
    const second = start(); // the refused one must not have freed the directory
    expect(await second.exited).toBe(1);
    expect(second.output).toContain(
      `Annals runs already with the data in ${dataDir} (process ${first.child.pid}, ${url})`,
    );
    expect((await fetch(url)).status).toBe(200);
  });

  test('takes another port when its own is taken, and says so', async () => {
    const taken = await occupy(0);
    const program = start({ PORT: String(taken.port) });
    const url = await urlOf(program);
    expect(program.output).toMatch(
      new RegExp(`Port ${taken.port} is taken, so the gateway listens on ${new URL(url).port}`),
    );
    await taken.close();
  });

  test('takes another port for nats-server when 4222 is taken, and says so', async () => {
    const taken = await occupy(4222);
    const program = start();
    const { natsUrl } = await askGateway(await urlOf(program));
    expect(program.output).toContain(`Port 4222 is taken, so nats-server listens on ${new URL(natsUrl).port}`);
    await taken.close();
  });

  test('starts no server when NATS_URL names one', async () => {
    const first = start();
    const { natsUrl } = await askGateway(await urlOf(first));
    const second = start({ NATS_URL: natsUrl, DATA_DIR: join(dataDir, 'second') });
    const told = await askGateway(await urlOf(second));
    expect(told).toMatchObject({ natsUrl, replayDirectory: join(dataDir, 'second', 'replays') });
    expect(second.output).not.toMatch(/nats-server/);
    await second.stop();
    expect((await fetch(await urlOf(first))).status).toBe(200);
  });

  test('ends with a message when the gateway dies', async () => {
    const program = start();
    const url = await urlOf(program);
    const nats = natsPid();
    await fetch(`${url}/die`).catch(() => {});
    expect(await program.exited).toBe(1);
    expect(program.output).toMatch(/The gateway ended \(exit code 7\)\./);
    expect(commandLineOf(nats)).toBeUndefined();
  });

  test('ends with a message and the log when nats-server dies', async () => {
    const program = start();
    const { pid } = await askGateway(await urlOf(program));
    process.kill(natsPid(), 'SIGKILL');
    expect(await program.exited).toBe(1);
    expect(program.output).toMatch(
      /nats-server ended \(SIGKILL\)\. The end of its log, .*nats-server\.log:\n.*Server is ready/s,
    );
    expect(commandLineOf(pid)).toBeUndefined();
  });

  test('ends with a message when the gateway does not come up', async () => {
    const program = start({ FAKE_GATEWAY: 'broken' });
    expect(await program.exited).toBe(1);
    expect(program.output).toMatch(
      /the configuration cannot be used\n(.*\n)*The gateway ended while it started \(exit code 3\)/,
    );
  });

  test('that is killed leaves no process, and the next start has its data', async () => {
    const first = start();
    const { pid, natsUrl } = await askGateway(await urlOf(first));
    const nats = natsPid();
    await storeOneMessage(natsUrl);
    await first.stop('SIGKILL');
    const second = start();
    expect(await countMessages((await askGateway(await urlOf(second))).natsUrl)).toBe(1);
    await untilGone(pid);
    await untilGone(nats);
  });

  test('is cut short by a second Ctrl-C', async () => {
    const program = start({ FAKE_GATEWAY: 'stubborn' });
    const { pid } = await askGateway(await urlOf(program));
    const insist = setInterval(() => program.child.kill('SIGINT'), 100);
    expect(await program.exited).toBe(130);
    clearInterval(insist);
    await untilGone(pid);
  });

  test('refuses a PORT that is none', async () => {
    const program = start({ PORT: '70000' });
    expect(await program.exited).toBe(1);
    expect(program.output).toMatch(/PORT must be a number from 0 to 65535, not '70000'/);
  });

  test('says so when HOST is no address of this machine', async () => {
    const program = start({ HOST: '192.0.2.1' });
    expect(await program.exited).toBe(1);
    expect(program.output).toMatch(/Nothing can listen on 192\.0\.2\.1/);
  });
});
