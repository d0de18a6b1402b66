import { spawn } from 'node:child_process';
import { guardAgainstOrphan } from '../process/orphan-guard.mjs';
import { waitUntil } from '../process/wait-until.mjs';

/**
 * @typedef {object} GatewayOptions
 * @property {readonly string[]} args of Node: the gateway's file and flags
 * @property {NodeJS.ProcessEnv} env
 * @property {string} cwd
 * @property {string} url
 * @property {number} [startTimeoutMs] default 60,000
 */

/** The gateway as a child process; its output goes to this terminal. */
export class GatewayProcess {
  #options;
  /** @type {import('node:child_process').ChildProcess | undefined} */
  #child;

  /** @param {GatewayOptions} options */
  constructor(options) {
    this.#options = options;
    /** @type {Promise<string>} how it ended */
    this.exited = Promise.resolve('it was never started');
  }

  get running() {
    return this.#child !== undefined;
  }

  get pid() {
    return this.#child?.pid;
  }

  /**
   * Starts it and waits until it is ready.
   * @throws {GatewayStartFailed}
   */
  async start() {
    const { args, env, cwd, url, startTimeoutMs = 60_000 } = this.#options;
    // A process group of its own: Ctrl-C reaches this process only, which then stops gateway and store in order.
    const child = spawn(process.execPath, [...args], {
      cwd,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const guard = child.pid === undefined ? undefined : guardAgainstOrphan(child.pid);
    this.#child = child;
    this.exited = new Promise((resolve) => {
      const end = (/** @type {string} */ how) => {
        guard?.release();
        if (this.#child === child) this.#child = undefined;
        resolve(how);
      };
      child.once('exit', (code, signal) => end(signal ? `signal ${signal}` : `exit code ${code}`));
      child.once('error', (error) => end(error.message));
    });
    await waitUntil(async () => !this.running || (await isReady(url)), {
      timeoutMs: startTimeoutMs,
      intervalMs: 50,
      otherwise: () =>
        new GatewayStartFailed(
          `The gateway was not ready on ${url} within ${startTimeoutMs} ms; see ${url}/health/ready.`,
        ),
    });
    if (!this.running) throw new GatewayStartFailed(`The gateway ended while it started (${await this.exited}).`);
  }

  /**
   * Ends it in order (SIGTERM), after a while by force.
   * @param {number} [timeoutMs]
   */
  async stop(timeoutMs = 15_000) {
    const child = this.#child;
    if (!child) return;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  kill() {
    this.#child?.kill('SIGKILL');
  }
}

/** @param {string} url */
async function isReady(url) {
  try {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** The gateway did not come up. */
export class GatewayStartFailed extends Error {
  /** @type {'GATEWAY_START_FAILED'} */
  code = 'GATEWAY_START_FAILED';
  name = 'GatewayStartFailed';
}
