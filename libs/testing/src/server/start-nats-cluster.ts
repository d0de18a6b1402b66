import { launchNatsCluster } from '@annals/tools/nats-server';
import type { NatsClusterOptions } from './server-options.ts';
import { type TestNatsServer, testServer } from './start-nats-server.ts';
import { temporaryDirectory } from './temporary-directory.ts';

/** Real nats-servers that a spec started, which keep streams together. */
export interface TestNatsCluster {
  /** Each can be killed and restarted by itself; `stop` of one leaves its data to the cluster's `stop`. */
  readonly servers: readonly TestNatsServer[];
  /** Addresses of all of them, for the `servers` option of a client. */
  readonly urls: readonly string[];
  /** Resolves when the running servers have a leader and are all caught up. */
  waitUntilHealthy(timeoutMs?: number): Promise<void>;
  /** The server that leads JetStream's meta group, or undefined when there is none at the moment. */
  metaLeader(): Promise<TestNatsServer | undefined>;
  /** Ends all of them and removes their temporary data. Calling it twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts a cluster on loopback, three servers unless `size` says otherwise; resolves when streams with replicas can be made.
 *
 * @throws as `startNatsServer`
 */
export async function startNatsCluster(options: NatsClusterOptions = {}): Promise<TestNatsCluster> {
  const { dataDir, ...rest } = options;
  const temporary = dataDir === undefined ? await temporaryDirectory('cluster') : undefined;
  try {
    const cluster = await launchNatsCluster({ ...rest, dataDir: dataDir ?? temporary!.path });
    const servers = cluster.servers.map((server) => testServer(server, async () => {}));
    return {
      servers,
      urls: cluster.urls,
      waitUntilHealthy: (timeoutMs) => cluster.waitUntilHealthy(timeoutMs),
      async metaLeader() {
        const leader = await cluster.metaLeader();
        return servers.find(({ name }) => name === leader);
      },
      async stop() {
        await cluster.stop();
        await temporary?.remove();
      },
    };
  } catch (error) {
    await temporary?.remove();
    throw error;
  }
}
