import { connect, type NatsConnection } from '@nats-io/transport-node';
import { StoreUnavailable } from '@annals/core';
import type { JetStreamStoreOptions } from '../store/store-options.ts';

const DEFAULT_SERVER = '127.0.0.1:4222';
const RECONNECT_WAIT_MS = 200;
const CONNECT_TIMEOUT_MS = 5_000;

/**
 * Connects as a store wants it: tries for ever to come back, and hides nothing behind traces.
 *
 * @throws StoreUnavailable when no server answers, or it refuses the credentials
 */
export async function connectToNats(options: JetStreamStoreOptions): Promise<NatsConnection> {
  const servers = options.servers === undefined ? DEFAULT_SERVER : options.servers;
  try {
    return await connect({
      name: 'annals',
      timeout: CONNECT_TIMEOUT_MS,
      maxReconnectAttempts: -1,
      reconnectTimeWait: RECONNECT_WAIT_MS,
      // A stack trace for every request costs more than the request.
      noAsyncTraces: true,
      ...options.connectionOptions,
      servers: typeof servers === 'string' ? servers : [...servers],
    });
  } catch (cause) {
    const names = typeof servers === 'string' ? servers : servers.join(', ');
    throw new StoreUnavailable(`cannot connect to nats-server at ${names}: ${(cause as Error).message}`, { cause });
  }
}
