import type { ServerMode } from '../mode/server-mode.ts';

/**
 * Settings of a server that is given what a service's database would have: memory for its cache, no checkpoint in the
 * middle of a measurement. The rest is as it comes; `fsync` stays on.
 */
export function postgresSettings({ synchronousCommit }: ServerMode): Readonly<Record<string, string | number>> {
  return {
    max_connections: 200,
    shared_buffers: '512MB',
    max_wal_size: '8GB',
    checkpoint_timeout: '1h',
    autovacuum: 'off',
    synchronous_commit: synchronousCommit,
  };
}
