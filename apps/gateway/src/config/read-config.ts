import { existsSync } from 'node:fs';
import { DEFAULT_BODY_LIMIT_BYTES } from '@annals/contract';
import type { NatsAccess } from '@annals/events';
import { hostNameProblem, isLoopbackName } from '../security/host-name.ts';
import { ConfigError } from './config-error.ts';
import { Environment } from './environment.ts';
import { type DedicatedStreamConfig, type GatewayConfig, LOG_LEVELS } from './gateway-config.ts';
import { readLive } from './read-live-config.ts';
import { readReplays } from './read-replay-config.ts';

const NATS_SCHEMES = new Set(['nats:', 'tls:', 'ws:', 'wss:']);

/**
 * Makes the configuration from environment variables, all of which have a default; docs/reference/configuration.md
 * lists them.
 *
 * @throws ConfigError with every problem at once
 */
export function readConfig(variables: Readonly<Record<string, string | undefined>>): GatewayConfig {
  const env = new Environment(variables);
  const host = env.text('HOST') ?? '127.0.0.1';
  const allowInsecure = env.flag('ALLOW_INSECURE');
  checkAuthMode(env, host, allowInsecure);
  const config: GatewayConfig = {
    host,
    port: env.integer('PORT', 3000, 0, 65_535),
    natsUrls: readNatsUrls(env),
    natsAccess: readNatsAccess(env),
    streamReplicas: readReplicas(env),
    topology: readTopology(env),
    authMode: 'none',
    allowInsecure,
    allowedHosts: readAllowedHosts(env),
    logLevel: env.choice('LOG_LEVEL', LOG_LEVELS, 'info'),
    bodyLimitBytes: env.integer('BODY_LIMIT_BYTES', DEFAULT_BODY_LIMIT_BYTES, 1_024, 256 * 1024 * 1024),
    requestTimeoutMs: env.integer('REQUEST_TIMEOUT_MS', 10_000, 100, 600_000),
    shutdownTimeoutMs: env.integer('SHUTDOWN_TIMEOUT_MS', 10_000, 0, 600_000),
    maxOpenStreams: env.integer('MAX_OPEN_STREAMS', 100, 1, 10_000),
    stateModule: readPath(env, 'STATE_MODULE'),
    replays: readReplays(env),
    live: readLive(env),
  };
  if (env.problems.length > 0) throw new ConfigError(env.problems);
  return config;
}

function checkAuthMode(env: Environment, host: string, allowInsecure: boolean): void {
  const mode = env.text('AUTH_MODE') ?? 'none';
  if (mode === 'api-key' || mode === 'jwt') {
    env.refuse('AUTH_MODE', `${mode} is not available in this version, which knows none only`);
  } else if (mode !== 'none') {
    env.refuse('AUTH_MODE', `must be none, found ${JSON.stringify(mode)}`);
  }
  if (!isLoopbackName(host) && !allowInsecure) {
    env.refuse(
      'HOST',
      `${host} can be reached from other machines, and AUTH_MODE=none lets everyone in: ` +
        'listen on 127.0.0.1, or set ALLOW_INSECURE=true where something in front of the gateway keeps strangers out',
    );
  }
}

function readNatsUrls(env: Environment): readonly string[] {
  const urls = env.list('NATS_URL');
  for (const url of urls) {
    const address = url.includes('://') ? url : `nats://${url}`;
    if (!URL.canParse(address) || !NATS_SCHEMES.has(new URL(address).protocol) || !new URL(address).hostname) {
      env.refuse('NATS_URL', `must be addresses like nats://127.0.0.1:4222, joined by commas; one of them is none`);
      break;
    }
  }
  return urls.length > 0 ? urls : ['nats://127.0.0.1:4222'];
}

function readNatsAccess(env: Environment): NatsAccess {
  const access: NatsAccess = {
    user: env.text('NATS_USER'),
    password: env.text('NATS_PASSWORD'),
    token: env.text('NATS_TOKEN'),
    credentialsFile: readPath(env, 'NATS_CREDENTIALS_FILE'),
    nkeySeedFile: readPath(env, 'NATS_NKEY_SEED_FILE'),
    tlsCaFile: readPath(env, 'NATS_TLS_CA_FILE'),
    tlsCertFile: readPath(env, 'NATS_TLS_CERT_FILE'),
    tlsKeyFile: readPath(env, 'NATS_TLS_KEY_FILE'),
  };
  if ((access.tlsCertFile === undefined) !== (access.tlsKeyFile === undefined)) {
    env.refuse('NATS_TLS_CERT_FILE', 'and NATS_TLS_KEY_FILE belong together: set both or neither');
  }
  if (access.password !== undefined && access.user === undefined) env.refuse('NATS_PASSWORD', 'needs NATS_USER');
  const ways = [access.user, access.token, access.credentialsFile, access.nkeySeedFile];
  if (ways.filter((way) => way !== undefined).length > 1) {
    env.refuse('NATS_USER', 'or NATS_TOKEN, NATS_CREDENTIALS_FILE or NATS_NKEY_SEED_FILE: only one of them can be set');
  }
  return access;
}

function readPath(env: Environment, name: string): string | undefined {
  const path = env.text(name);
  if (path !== undefined && !existsSync(path)) env.refuse(name, `names ${path}, which does not exist`);
  return path;
}

function readReplicas(env: Environment): number | undefined {
  if (env.text('STREAM_REPLICAS') === undefined) return undefined;
  return Number(env.choice('STREAM_REPLICAS', ['1', '3', '5'], '1'));
}

function readTopology(env: Environment): readonly DedicatedStreamConfig[] {
  const text = env.text('STREAM_TOPOLOGY');
  if (text === undefined) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (Array.isArray(value) && value.every(isDedicatedStream)) return value;
  env.refuse('STREAM_TOPOLOGY', 'must be JSON like [{"stream":"ORDERS","aggregateTypes":["order","cart"]}]');
  return [];
}

function isDedicatedStream(value: unknown): value is DedicatedStreamConfig {
  if (typeof value !== 'object' || value === null) return false;
  const { stream, aggregateTypes, ...rest } = value as Partial<DedicatedStreamConfig>;
  return (
    typeof stream === 'string' &&
    Array.isArray(aggregateTypes) &&
    aggregateTypes.length > 0 &&
    aggregateTypes.every((type) => typeof type === 'string') &&
    Object.keys(rest).length === 0
  );
}

function readAllowedHosts(env: Environment): readonly string[] {
  const hosts = env.list('ALLOWED_HOSTS').map((host) => host.toLowerCase());
  for (const host of hosts) {
    const problem = hostNameProblem(host);
    if (problem !== undefined) env.refuse('ALLOWED_HOSTS', `${JSON.stringify(host)} ${problem}`);
  }
  return hosts;
}
