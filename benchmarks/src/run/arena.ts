import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startGateway, whyNoGateway } from '../gateway/gateway-process.ts';
import type { ServerMode } from '../mode/server-mode.ts';
import { startNatsServers, type NatsServers } from '../nats/nats-servers.ts';
import type { Place } from '../place/place.ts';
import type { PostgresPrograms } from '@annals/testing';
import { startPostgres } from '@annals/testing';
import { postgresSettings } from '../postgres/postgres-settings.ts';
import type { Entrant } from '../workload/workload.ts';

/** What servers are started from. */
export interface ServerSources {
  readonly natsBinary: string;
  /** Absent: this machine has none. */
  readonly postgres: PostgresPrograms | undefined;
  readonly postgresPool: number;
}

/** An entrant cannot take part on this machine. */
export class CannotTakePart extends Error {}

/** The servers of one entrant of one workload: nobody else's data and memory are in them. */
export interface Arena {
  readonly place: Place;
  /** Absent for PostgreSQL. */
  readonly nats: NatsServers | undefined;
  /** Of all server processes, for their CPU time and memory. */
  readonly pids: () => readonly number[];
  /** Starts what is measured beside the store, once that is filled. */
  open(): Promise<void>;
  stop(): Promise<void>;
}

/** @throws CannotTakePart */
export async function startArena(
  entrant: Entrant,
  mode: ServerMode,
  sources: ServerSources,
  dataDir: string,
): Promise<Arena> {
  await mkdir(dataDir, { recursive: true });
  const { postgresPool } = sources;
  if (entrant.contender === 'postgres') {
    if (!sources.postgres) throw new CannotTakePart('this machine has no PostgreSQL (initdb and postgres)');
    const server = await startPostgres(sources.postgres, {
      dataDir: join(dataDir, 'postgres'),
      settings: postgresSettings(mode),
    });
    return {
      place: { natsUrls: [], replicas: 1, postgresUrl: server.url, postgresPool },
      nats: undefined,
      pids: () => [server.pid],
      open: async () => {},
      stop: () => server.stop(),
    };
  }
  const noGateway = entrant.contender === 'gateway' ? await whyNoGateway(process.env) : undefined;
  if (noGateway !== undefined) throw new CannotTakePart(noGateway);
  const nats = await startNatsServers(mode, sources.natsBinary, join(dataDir, 'nats'));
  return new NatsArena(entrant, mode, nats, postgresPool, dataDir);
}

class NatsArena implements Arena {
  place: Place;
  private gateway: { readonly pid: number; stop(): Promise<void> } | undefined;

  constructor(
    private readonly entrant: Entrant,
    mode: ServerMode,
    readonly nats: NatsServers,
    postgresPool: number,
    private readonly dataDir: string,
  ) {
    this.place = { natsUrls: nats.urls, replicas: mode.servers, postgresPool };
  }

  readonly pids = () => [...this.nats.pids, ...(this.gateway ? [this.gateway.pid] : [])];

  async open(): Promise<void> {
    if (this.entrant.contender !== 'gateway') return;
    const gateway = await startGateway(this.nats.urls, this.dataDir);
    this.gateway = gateway;
    this.place = { ...this.place, gatewayUrl: gateway.url };
  }

  async stop(): Promise<void> {
    await this.gateway?.stop();
    await this.nats.stop();
  }
}
