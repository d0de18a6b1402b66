import { join } from 'node:path';
import { findFreePort } from '../nats-server/index.mjs';
import { GatewayProcess } from '../start/gateway-process.mjs';

const DIRECTORY = join('examples', 'marketplace', 'dist');

/**
 * @typedef {object} ServicesOptions
 * @property {string} natsUrl
 * @property {string} root their working directory
 * @property {NodeJS.ProcessEnv} env
 */

/** The two example services as child processes on free ports of loopback. */
export class MarketplaceServices {
  #options;
  /** @type {Map<string, GatewayProcess>} */
  #processes = new Map();
  #stopping = false;
  /** @type {(error: Error) => void} */
  #fail = () => {};

  /** @param {ServicesOptions} options */
  constructor(options) {
    this.#options = options;
    this.urls = { users: '', vendors: '' };
    /** @type {Promise<Error>} resolves when one of them ends by itself */
    this.failed = new Promise((resolve) => (this.#fail = resolve));
  }

  /** Resolves when both are ready. */
  async start() {
    const [users, vendors] = [await findFreePort(), await findFreePort()];
    this.urls = { users: `http://127.0.0.1:${users}`, vendors: `http://127.0.0.1:${vendors}` };
    await Promise.all([this.#startOne('users', users), this.#startOne('vendors', vendors)]);
  }

  async stop() {
    this.#stopping = true;
    await Promise.all([...this.#processes.values()].map((service) => service.stop()));
  }

  kill() {
    this.#stopping = true;
    for (const service of this.#processes.values()) service.kill();
  }

  /**
   * @param {'users' | 'vendors'} name
   * @param {number} port
   */
  async #startOne(name, port) {
    const { natsUrl, root, env } = this.#options;
    const service = new GatewayProcess({
      args: ['--enable-source-maps', join(DIRECTORY, name, 'main.js')],
      cwd: root,
      url: this.urls[name],
      env: {
        ...env,
        HOST: '127.0.0.1',
        PORT: String(port),
        NATS_URL: natsUrl,
        USERS_URL: this.urls.users,
        VENDORS_URL: this.urls.vendors,
      },
    });
    this.#processes.set(name, service);
    await service.start().catch((error) => {
      throw new Error(error.message.replace('The gateway', `The ${name} service`), { cause: error });
    });
    void service.exited.then((how) => {
      if (!this.#stopping) this.#fail(new Error(`The ${name} service ended (${how}).`));
    });
  }
}
