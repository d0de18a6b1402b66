import type { Server } from 'node:http';
import type { Logger } from 'pino';
import type { GatewayConfig } from '../config/gateway-config.ts';
import type { Readiness } from '../health/readiness.ts';
import { inTime } from '../http/deadline.ts';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import type { ProblemFilter } from '../problem/problem.filter.ts';
import { createHostCheck } from '../security/host-check.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import { ConnectionRecorder } from './connection-recorder.ts';
import { LiveService } from './live-service.ts';
import { SocketGate } from './socket-gate.ts';

/** Where live clients come in. */
export interface LiveEntrance {
  readonly service: LiveService;
  /** Lets WebSockets in at an HTTP server. */
  attachTo(server: Server): void;
  /** Ends all clients with a reason; resolves when nothing of them is left to be stored, or the time is over. */
  close(timeoutMs: number): Promise<void>;
}

/** What an entrance needs. */
export interface EntranceSurroundings {
  readonly connection: StoreConnection;
  readonly readiness: Readiness;
  readonly metrics: ApiMetrics;
  readonly problems: ProblemFilter;
  readonly logger: Logger;
}

/** Puts together what serves live clients. */
export function openLiveEntrance(
  { live, allowedHosts }: GatewayConfig,
  { connection, readiness, metrics, problems, logger }: EntranceSurroundings,
): LiveEntrance {
  const service = new LiveService(live, connection, metrics, logger);
  const recorder = live.recordConnections
    ? new ConnectionRecorder(() => connection.store, service.metrics, logger)
    : undefined;
  let reports = 0;
  const gate = new SocketGate({
    live: service,
    readiness,
    checkHost: createHostCheck(allowedHosts),
    recorder,
    report: (error, path) => problems.reportOf(error, { method: 'GET', path, id: `ws-${++reports}` }),
  });
  return {
    service,
    attachTo: (server) => gate.attachTo(server),
    async close(timeoutMs) {
      service.close();
      if (recorder) await inTime(timeoutMs, recorder.idle()).catch(() => {});
    },
  };
}
