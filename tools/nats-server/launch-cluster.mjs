import { join } from 'node:path';
import { findFreePort } from '../process/free-port.mjs';
import { answersJetStreamRequests } from './jetstream-probe.mjs';
import { NatsServerProcess } from './nats-server-process.mjs';
import { provisionNatsServer } from './provision.mjs';
import { waitUntil } from '../process/wait-until.mjs';
import { NatsServerStartFailed } from './start-failed.mjs';
/** @import { ClusterOptions, RunningNatsCluster } from './index.mjs' */

const ATTEMPTS = 5;

/** @type {typeof import('./index.mjs').launchNatsCluster} */
export async function launchNatsCluster(options) {
  const binary = options.binary ?? (await provisionNatsServer()).path;
  for (let attempt = 1; ; attempt += 1) {
    const cluster = await prepareCluster({ ...options, binary });
    try {
      await Promise.all(cluster.servers.map((server) => server.start()));
      await cluster.waitUntilHealthy(options.startTimeoutMs);
      return cluster;
    } catch (error) {
      await cluster.stop();
      const mayTryOtherPorts = error instanceof NatsServerStartFailed && error.portTaken;
      if (!mayTryOtherPorts || attempt === ATTEMPTS) throw error;
    }
  }
}

/** @param {ClusterOptions & { binary: string }} options */
async function prepareCluster({ size = 3, name = 'annals', dataDir, ...options }) {
  const host = options.host ?? '127.0.0.1';
  const ports = await distinctFreePorts(host, size * 3);
  const routePorts = ports.slice(0, size);
  const routes = routePorts.map((port) => `nats://${host}:${port}`);
  const servers = routePorts.map(
    (routePort, index) =>
      new NatsServerProcess({
        ...options,
        name: `${name}-${index + 1}`,
        dataDir: join(dataDir, `${name}-${index + 1}`),
        port: Number(ports[size + index]),
        httpPort: Number(ports[2 * size + index]),
        cluster: { name, port: routePort, routes },
      }),
  );
  return new NatsCluster(name, servers);
}

/** @implements {RunningNatsCluster} */
class NatsCluster {
  /**
   * @param {string} name
   * @param {readonly NatsServerProcess[]} servers
   */
  constructor(name, servers) {
    this.name = name;
    this.servers = servers;
    this.urls = servers.map(({ url }) => url);
  }

  async metaLeader() {
    const views = await Promise.all(this.#running().map(metaGroup));
    const leaders = new Set(views.map((view) => view?.leader));
    return leaders.size === 1 ? [...leaders][0] || undefined : undefined;
  }

  async waitUntilHealthy(timeoutMs = 30_000) {
    await waitUntil(() => this.#isHealthy(), {
      timeoutMs,
      intervalMs: 50,
      otherwise: () =>
        new NatsServerStartFailed(
          `The cluster '${this.name}' was not healthy within ${timeoutMs} ms.`,
          this.servers.map((server) => `${server.name}:\n${server.logTail(8)}`).join('\n'),
        ),
    });
  }

  async stop() {
    await Promise.all(this.servers.map((server) => server.stop()));
  }

  #running() {
    return this.servers.filter((server) => server.running);
  }

  async #isHealthy() {
    const running = this.#running();
    const leader = await this.#leaderProcess();
    if (!leader) return false;
    const current = (await metaGroup(leader))?.replicas?.filter((replica) => replica.current && !replica.offline) ?? [];
    if (current.length < running.length - 1) return false;
    const healthy = await Promise.all(running.map(isHealthy));
    return healthy.every(Boolean);
  }

  async #leaderProcess() {
    const leader = await this.metaLeader();
    return this.#running().find((server) => server.name === leader);
  }
}

/** @param {NatsServerProcess} server */
async function isHealthy(server) {
  return (await ask(server, '/healthz'))?.status === 'ok' && (await answersJetStreamRequests(server.host, server.port));
}

/**
 * @typedef {{ leader?: string, replicas?: { name: string, current: boolean, offline?: boolean }[] }} MetaGroup
 * @param {NatsServerProcess} server
 * @returns {Promise<MetaGroup | undefined>}
 */
async function metaGroup(server) {
  return (await ask(server, '/jsz'))?.meta_cluster;
}

/**
 * Asks a server's monitoring; undefined when it does not answer.
 * @param {NatsServerProcess} server
 * @param {string} path
 * @returns {Promise<{ status?: string, meta_cluster?: MetaGroup } | undefined>}
 */
async function ask(server, path) {
  try {
    const response = await fetch(`${server.httpUrl}${path}`, { signal: AbortSignal.timeout(5_000) });
    return /** @type {any} */ (await response.json());
  } catch {
    return undefined;
  }
}

/**
 * @param {string} host
 * @param {number} count
 */
async function distinctFreePorts(host, count) {
  /** @type {Set<number>} */
  const ports = new Set();
  while (ports.size < count) ports.add(await findFreePort({ host }));
  return [...ports];
}
