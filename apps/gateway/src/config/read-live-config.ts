import { originProblem } from '../security/origin-check.ts';
import type { Environment } from './environment.ts';
import type { LiveConfig } from './live-config.ts';

/** How live clients are served, from environment variables. */
export function readLive(env: Environment): LiveConfig {
  const allowedOrigins = env.list('ALLOWED_ORIGINS').map((origin) => origin.toLowerCase());
  for (const origin of allowedOrigins) {
    const problem = originProblem(origin);
    if (problem !== undefined) env.refuse('ALLOWED_ORIGINS', `${JSON.stringify(origin)} ${problem}`);
  }
  return {
    allowedOrigins,
    maxClients: env.integer('MAX_LIVE_CLIENTS', 1_000, 1, 100_000),
    maxFilters: env.integer('MAX_LIVE_FILTERS', 100, 1, 10_000),
    maxSubscriptions: env.integer('MAX_LIVE_SUBSCRIPTIONS', 20, 1, 1_000),
    heartbeatMs: env.integer('LIVE_HEARTBEAT_MS', 15_000, 50, 600_000),
    bufferBytes: env.integer('LIVE_BUFFER_BYTES', 256 * 1024, 1_024, 64 * 1024 * 1024),
    stallTimeoutMs: env.integer('LIVE_STALL_TIMEOUT_MS', 30_000, 100, 600_000),
    recordConnections: env.flag('LIVE_RECORD_CONNECTIONS'),
  };
}
