import { findFreePort } from '../process/free-port.mjs';
import { NatsServerProcess } from './nats-server-process.mjs';
import { provisionNatsServer } from './provision.mjs';
import { NatsServerStartFailed } from './start-failed.mjs';
/** @import { LaunchOptions } from './index.mjs' */

const ATTEMPTS = 5;

/** @type {typeof import('./index.mjs').launchNatsServer} */
export async function launchNatsServer(options) {
  const binary = options.binary ?? (await provisionNatsServer()).path;
  for (let attempt = 1; ; attempt += 1) {
    const server = new NatsServerProcess(await withPorts({ ...options, binary }));
    try {
      await server.start();
      return server;
    } catch (error) {
      // Between our look and the server's another program may have taken the port that we chose.
      const mayTryAnother = !options.port && error instanceof NatsServerStartFailed && error.portTaken;
      if (!mayTryAnother || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @param {LaunchOptions & { binary: string }} options */
async function withPorts(options) {
  const host = options.host ?? '127.0.0.1';
  const port = options.port || (await findFreePort({ host }));
  if (options.httpPort !== 0) return { ...options, port };
  return { ...options, port, httpPort: await findFreePort({ host }) };
}
