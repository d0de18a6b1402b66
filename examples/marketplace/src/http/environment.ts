import type { LogLevel } from '@nestjs/common';

/** Settings of a service, from environment variables. */
export interface Settings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly natsServers: readonly string[];
  /** Base URL of the other service. */
  readonly peerUrl: string;
  /** What Nest logs. */
  readonly logLevels: readonly LogLevel[];
}

const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'log', 'debug'];

/**
 * Reads `HOST` (127.0.0.1), `PORT`, `NATS_URL` (nats://127.0.0.1:4222, several by commas), `LOG_LEVEL` (info) and the other service's URL.
 *
 * @throws Error that lists everything that is wrong
 */
export function readSettings(
  env: NodeJS.ProcessEnv,
  own: { readonly port: number; readonly peerVariable: string; readonly peerUrl: string },
): Settings {
  const problems: string[] = [];
  const port = Number(env['PORT'] ?? own.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push('PORT must be a number from 0 to 65535');
  const natsServers = (env['NATS_URL'] ?? 'nats://127.0.0.1:4222').split(',').map((server) => server.trim());
  if (natsServers.some((server) => server === '')) problems.push('NATS_URL must be addresses, joined by commas');
  const peerUrl = env[own.peerVariable] ?? own.peerUrl;
  if (!URL.canParse(peerUrl) || !/^https?:/.test(peerUrl)) problems.push(`${own.peerVariable} must be an http(s) URL`);
  const level = env['LOG_LEVEL'] ?? 'info';
  const last = LOG_LEVELS.indexOf(level === 'info' ? 'log' : (level as LogLevel));
  if (last < 0) problems.push('LOG_LEVEL must be error, warn, info or debug');
  if (problems.length > 0) throw new Error(`Wrong settings: ${problems.join('; ')}.`);
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port,
    natsServers,
    peerUrl: peerUrl.replace(/\/+$/, ''),
    logLevels: LOG_LEVELS.slice(0, last + 1),
  };
}
