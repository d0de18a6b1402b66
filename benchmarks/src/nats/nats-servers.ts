import { launchNatsCluster, launchNatsServer } from '@annals/tools/nats-server';
import type { ServerMode } from '../mode/server-mode.ts';

/** nats-servers on loopback that were started for one contender. */
export interface NatsServers {
  /** The first one is to lead the streams. */
  readonly urls: readonly string[];
  readonly names: readonly string[];
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

/** Starts one server or a cluster of three, as the mode says, with data below `dataDir`. */
export async function startNatsServers(mode: ServerMode, binary: string, dataDir: string): Promise<NatsServers> {
  const options = { binary, dataDir, syncInterval: mode.syncInterval };
  if (mode.servers === 1) {
    const server = await launchNatsServer(options);
    return { urls: [server.url], names: [server.name], pids: [server.pid!], stop: () => server.stop() };
  }
  const cluster = await launchNatsCluster({ ...options, size: mode.servers });
  return {
    urls: cluster.urls,
    names: cluster.servers.map(({ name }) => name),
    pids: cluster.servers.map(({ pid }) => pid!),
    stop: () => cluster.stop(),
  };
}
