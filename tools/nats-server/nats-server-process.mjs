import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { guardAgainstOrphan } from '../process/orphan-guard.mjs';
import { waitUntil } from '../process/wait-until.mjs';
import { serverConfig } from './server-config.mjs';
import { readServerInfo } from './server-info.mjs';
import { NatsServerStartFailed } from './start-failed.mjs';
/** @import { LaunchOptions, RunningNatsServer, ServerExit } from './index.mjs' */

/** Signals after which a server goes on. */
const SIGNALS_SURVIVED = new Set(['SIGSTOP', 'SIGCONT', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']);

const PORT_TAKEN = /address already in use/;
const PORT_WAIT_MS = 5_000;
const PORT_RETRY_MS = 50;

/** @implements {RunningNatsServer} */
export class NatsServerProcess {
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;
  /** @type {Promise<ServerExit>} */
  #exited = Promise.resolve({ code: null, signal: null });
  #binary;
  #env;
  #startTimeoutMs;
  #ranBefore = false;

  /** @param {LaunchOptions & { binary: string, port: number }} options ports are chosen by now */
  constructor(options) {
    this.name = options.name ?? 'annals';
    this.host = options.host ?? '127.0.0.1';
    this.port = options.port;
    this.url = `nats://${this.host}:${this.port}`;
    this.httpUrl = options.httpPort === undefined ? undefined : `http://${this.host}:${options.httpPort}`;
    this.dataDir = resolve(options.dataDir);
    this.configFile = join(this.dataDir, 'nats-server.conf');
    this.logFile = join(this.dataDir, 'nats-server.log');
    this.#binary = options.binary;
    this.#env = options.env;
    this.#startTimeoutMs = options.startTimeoutMs ?? 30_000;
    mkdirSync(this.dataDir, { recursive: true });
    writeFileSync(
      this.configFile,
      serverConfig({
        ...options,
        name: this.name,
        host: this.host,
        storeDir: this.dataDir,
        syncInterval: options.syncInterval ?? 'default',
      }),
    );
  }

  get pid() {
    return this.#child?.pid;
  }

  get running() {
    return this.#child !== undefined;
  }

  get exited() {
    return this.#exited;
  }

  /** @returns {Promise<void>} */
  async start() {
    if (this.running) return;
    const giveUpAtMs = Date.now() + PORT_WAIT_MS;
    for (;;) {
      try {
        await this.#startOnce();
        this.#ranBefore = true;
        return;
      } catch (error) {
        // Somebody who looks for a free port holds one for a moment; while a server is down that may be its own.
        const isTaken = this.#ranBefore && PORT_TAKEN.test(this.logTail(3));
        if (!isTaken || Date.now() > giveUpAtMs) throw error;
        await setTimeout(PORT_RETRY_MS);
      }
    }
  }

  async #startOnce() {
    const log = openSync(this.logFile, 'a');
    // A process group of its own: Ctrl-C must not end the store before the programs that still write to it.
    const child = spawn(this.#binary, ['--config', this.configFile], {
      env: { ...process.env, ...this.#env },
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    this.#follow(child);
    try {
      await waitUntil(async () => !this.running || (await this.#takesConnections()), {
        timeoutMs: this.#startTimeoutMs,
        intervalMs: 10,
        otherwise: () =>
          new NatsServerStartFailed(
            `nats-server '${this.name}' took no connection on ${this.url} within ${this.#startTimeoutMs} ms.`,
            this.logTail(),
          ),
      });
    } catch (error) {
      await this.kill();
      throw error;
    }
    if (!this.running) {
      const { code, signal } = await this.#exited;
      throw new NatsServerStartFailed(
        `nats-server '${this.name}' ended while it started (${signal ?? `exit code ${code}`}); its log is ${this.logFile}.`,
        this.logTail(),
      );
    }
  }

  /** @param {number} [timeoutMs] */
  async stop(timeoutMs = 10_000) {
    const child = this.#child;
    if (!child) return;
    child.ref();
    child.kill('SIGCONT'); // a stopped process would not see the next signal
    child.kill('SIGTERM');
    const timer = globalThis.setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await this.#exited;
    clearTimeout(timer);
  }

  /** @param {NodeJS.Signals} [signal] */
  async kill(signal = 'SIGKILL') {
    const child = this.#child;
    if (!child) return;
    child.kill(signal);
    if (SIGNALS_SURVIVED.has(signal)) return;
    child.ref();
    await this.#exited;
  }

  /** @param {number} [lines] */
  logTail(lines = 15) {
    try {
      return readFileSync(this.logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n');
    } catch {
      return '';
    }
  }

  /** @param {import('node:child_process').ChildProcess} child */
  #follow(child) {
    this.#child = child;
    const guard = child.pid === undefined ? undefined : guardAgainstOrphan(child.pid);
    this.#exited = new Promise((resolve) => {
      const end = (/** @type {ServerExit} */ exit) => {
        guard?.release();
        if (this.#child === child) this.#child = undefined;
        resolve(exit);
      };
      child.once('exit', (code, signal) => end({ code, signal }));
      child.once('error', (error) => {
        writeFileSync(this.logFile, `${this.#binary} could not be started: ${error.message}\n`, { flag: 'a' });
        end({ code: -1, signal: null });
      });
    });
    child.unref(); // a forgotten server must not keep a test run alive; the guard then stops it
  }

  async #takesConnections() {
    const ended = this.#exited.then(() => undefined);
    const info = await Promise.race([readServerInfo(this.host, this.port), ended]);
    return info?.server_name === this.name && info.jetstream === true;
  }
}
