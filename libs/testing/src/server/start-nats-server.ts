import { type RunningNatsServer, launchNatsServer } from '@annals/tools/nats-server';
import type { NatsServerOptions } from './server-options.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** A real nats-server with JetStream that a spec started. */
export interface TestNatsServer {
  readonly name: string;
  /** `nats://127.0.0.1:<port>`; stays the same over `kill` and `restart`. */
  readonly url: string;
  readonly port: number;
  /** Undefined while it does not run. */
  readonly pid: number | undefined;
  readonly running: boolean;
  readonly dataDir: string;
  /** Ends it in order and removes its temporary data. Calling it twice is harmless. */
  stop(): Promise<void>;
  /** Sends a signal, SIGKILL unless given; resolves when it is gone (at once for SIGSTOP and SIGCONT). Data stay. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Ends it in order if it runs, and starts it on the same port and data; resolves when it takes connections. */
  restart(): Promise<void>;
  /** The end of its log. */
  logTail(lines?: number): string;
}

/**
 * Starts a nats-server on a free port of the loopback interface with data of its own.
 *
 * It is ended with the process that started it, whatever happens to that; call `stop` all the same, which removes the data.
 *
 * @throws NatsServerUnavailable when there is none to be had; NatsServerStartFailed with the end of its log
 * @example
 * const server = await startNatsServer();
 * const store = await openJetStreamStore({ servers: server.url });
 * await store.close();
 * await server.stop();
 */
export async function startNatsServer(options: NatsServerOptions = {}): Promise<TestNatsServer> {
  const { dataDir, ...rest } = options;
  const temporary = dataDir === undefined ? await temporaryDirectory('server') : undefined;
  try {
    const server = await launchNatsServer({ ...rest, dataDir: dataDir ?? temporary!.path });
    return testServer(server, async () => temporary?.remove());
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}

/** @param afterStop runs once the server is gone for good */
export function testServer(server: RunningNatsServer, afterStop: () => Promise<void>): TestNatsServer {
  return {
    name: server.name,
    url: server.url,
    port: server.port,
    dataDir: server.dataDir,
    get pid() {
      return server.pid;
    },
    get running() {
      return server.running;
    },
    async stop() {
      await server.stop();
      await afterStop();
    },
    kill: (signal) => server.kill(signal),
    async restart() {
      await server.stop();
      await server.start();
    },
    logTail: (lines) => server.logTail(lines),
  };
}
