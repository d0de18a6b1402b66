import type { LogLevel } from '@nestjs/common';

/** Settings of a service, from environment variables. */
export interface Settings {
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly natsServers: readonly string[];
  /** Base URL of the other service; undefined for one that sends no commands to another. */
  readonly peerUrl: string | undefined;
  /** Where mails are handed in by HTTP; undefined: they are only logged. */
  readonly mailUrl: string | undefined;
  /** What Nest logs. */
  readonly logLevels: readonly LogLevel[];
}

const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'log', 'debug'];

/**
 * Reads `HOST` (127.0.0.1), `PORT`, `NATS_URL` (nats://127.0.0.1:4222, several by commas), `LOG_LEVEL` (info),
 * `MAIL_URL` and the other service's URL.
 *
 * @throws Error that lists everything that is wrong
 */
export function readSettings(
  env: NodeJS.ProcessEnv,
  own: { readonly port: number; readonly peer?: { readonly variable: string; readonly url: string } },
): Settings {
  const problems: string[] = [];
  const port = Number(env['PORT'] ?? own.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) problems.push('PORT must be a number from 0 to 65535');
  const natsServers = (env['NATS_URL'] ?? 'nats://127.0.0.1:4222').split(',').map((server) => server.trim());
  if (natsServers.some((server) => server === '')) problems.push('NATS_URL must be addresses, joined by commas');
  const readUrl = (variable: string, standard?: string): string | undefined => {
    const url = env[variable] ?? standard;
    if (url === undefined || (URL.canParse(url) && /^https?:/.test(url))) return url?.replace(/\/+$/, '');
    problems.push(`${variable} must be an http(s) URL`);
    return undefined;
  };
  const peerUrl = own.peer && readUrl(own.peer.variable, own.peer.url);
  const mailUrl = readUrl('MAIL_URL');
  const level = env['LOG_LEVEL'] ?? 'info';
  const last = LOG_LEVELS.indexOf(level === 'info' ? 'log' : (level as LogLevel));
  if (last < 0) problems.push('LOG_LEVEL must be error, warn, info or debug');
  if (problems.length > 0) throw new Error(`Wrong settings: ${problems.join('; ')}.`);
  return {
    host: env['HOST'] ?? '127.0.0.1',
    port,
    natsServers,
    peerUrl,
    mailUrl,
    logLevels: LOG_LEVELS.slice(0, last + 1),
  };
}
