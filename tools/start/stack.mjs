import { join } from 'node:path';
import { findFreePort, launchNatsServer, provisionNatsServer } from '../nats-server/index.mjs';
import { commandLineOf } from '../process/command-line-of.mjs';
import { DataDirectoryLock } from './data-directory-lock.mjs';
import { GatewayProcess } from './gateway-process.mjs';
/** @import { RunningNatsServer } from '../nats-server/index.mjs' */
/** @import { StartSettings } from './settings.mjs' */

const NATS_PORT = 4222;

/**
 * @typedef {object} StackOptions
 * @property {StartSettings} settings
 * @property {string} root the gateway's working directory
 * @property {readonly string[]} gatewayArgs of Node
 * @property {NodeJS.ProcessEnv} env
 * @property {() => Promise<void>} build
 * @property {(line: string) => void} log
 * @property {boolean} [gatewayMayDie] said, but no failure: its next start may mend it
 */

/** The gateway and, unless NATS_URL names one, a nats-server: what `npm start` runs. */
export class Stack {
  #options;
  #lock;
  /** @type {RunningNatsServer | undefined} */
  #server;
  /** @type {Promise<RunningNatsServer> | undefined} */
  #launching;
  /** @type {GatewayProcess | undefined} */
  #gateway;
  #stopping = false;
  #stopped = false;
  /** @type {(error: Error) => void} */
  #fail = () => {};

  /** @param {StackOptions} options */
  constructor(options) {
    this.#options = options;
    this.#lock = new DataDirectoryLock(options.settings.dataDir);
    /** @type {Promise<Error>} resolves when a part ends by itself */
    this.failed = new Promise((resolve) => (this.#fail = resolve));
    this.url = '';
    this.natsUrl = '';
  }

  /**
   * Resolves when the gateway is ready.
   * @returns {Promise<void>}
   * @throws {StartCancelled} when `stop()` came first
   */
  async start() {
    const { settings, log, build } = this.#options;
    await this.#lock.acquire();
    try {
      const building = build();
      building.catch(() => {}); // awaited below, when the server is there
      this.natsUrl = settings.natsUrl ?? (await this.#startNatsServer());
      this.#continueUnlessStopped();
      await building;
      this.#continueUnlessStopped();
      await this.#prepareGateway();
      await this.restartGateway();
      this.#lock.note({ url: this.url });
      log(`Annals is ready on ${this.url}`);
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Starts the gateway, after ending the one that runs. */
  async restartGateway() {
    const gateway = this.#gateway;
    if (!gateway) throw new TypeError('start() comes before restartGateway()');
    this.#stopping = true;
    await gateway.stop();
    this.#continueUnlessStopped();
    this.#stopping = false;
    await gateway.start();
    void gateway.exited.then((how) => this.#gatewayEnded(`The gateway ended (${how}).`));
  }

  /** Ends the gateway first, so that it can finish what it has in hand, then the server. */
  async stop() {
    this.#stopping = true;
    this.#stopped = true;
    await this.#gateway?.stop();
    // One that is just coming up would otherwise outlive the lock on its files.
    const server = this.#server ?? (await this.#launching?.catch(() => undefined));
    await server?.stop();
    this.#lock.release();
  }

  /** Ends all at once, for who will not wait. */
  async kill() {
    this.#stopping = true;
    this.#stopped = true;
    this.#gateway?.kill();
    await this.#server?.kill();
    this.#lock.release();
  }

  async #startNatsServer() {
    const { settings, log, env } = this.#options;
    const { path, version } = await provisionNatsServer({ env, log });
    this.#continueUnlessStopped();
    const port = await findFreePort({ preferred: NATS_PORT });
    if (port !== NATS_PORT) log(`Port ${NATS_PORT} is taken, so nats-server listens on ${port}`);
    // An acknowledged event is on disk: whoever tries the store by pulling the plug should find it there.
    this.#launching = launchNatsServer({
      binary: path,
      dataDir: join(settings.dataDir, 'nats'),
      port,
      syncInterval: 'always',
    });
    const server = await this.#launching;
    this.#server = server;
    this.#lock.note({ natsPid: Number(server.pid), natsCommand: commandLineOf(Number(server.pid)) ?? '' });
    log(`nats-server ${version} runs on ${server.url} with its data in ${server.dataDir}`);
    void server.exited.then(({ code, signal }) =>
      this.#partEnded(
        `nats-server ended (${signal ?? `exit code ${code}`}). The end of its log, ${server.logFile}:\n${server.logTail(8)}`,
      ),
    );
    return server.url;
  }

  async #prepareGateway() {
    const { settings, root, gatewayArgs, env, log } = this.#options;
    const port = await findFreePort({ host: settings.host, preferred: settings.port });
    if (settings.port !== 0 && port !== settings.port)
      log(`Port ${settings.port} is taken, so the gateway listens on ${port}`);
    this.url = `http://${hostInUrl(settings.host)}:${port}`;
    this.#gateway = new GatewayProcess({
      args: gatewayArgs,
      cwd: root,
      url: this.url,
      env: {
        ...env,
        HOST: settings.host,
        PORT: String(port),
        NATS_URL: this.natsUrl,
        DATA_DIR: settings.dataDir,
        REPLAY_FILE_DIRECTORY: env.REPLAY_FILE_DIRECTORY || join(settings.dataDir, 'replays'),
      },
    });
  }

  #continueUnlessStopped() {
    if (this.#stopped) throw new StartCancelled('Stopped before Annals was ready.');
  }

  /** @param {string} message */
  #gatewayEnded(message) {
    if (!this.#options.gatewayMayDie) this.#partEnded(message);
    else if (!this.#stopping) this.#options.log(message);
  }

  /** @param {string} message */
  #partEnded(message) {
    if (!this.#stopping) this.#fail(new Error(message));
  }
}

/** The stack was stopped while it started. */
export class StartCancelled extends Error {
  /** @type {'START_CANCELLED'} */
  code = 'START_CANCELLED';
  name = 'StartCancelled';
}

/**
 * An address that listens everywhere is reached through loopback; IPv6 stands in brackets.
 * @param {string} host
 */
function hostInUrl(host) {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
