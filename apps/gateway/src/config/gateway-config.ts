import type { NatsAccess } from '@annals/events';
import type { LiveConfig } from './live-config.ts';
import type { ReplayConfig } from './replay-config.ts';

/** A stream of its own for some aggregate types. */
export interface DedicatedStreamConfig {
  readonly stream: string;
  readonly aggregateTypes: readonly string[];
}

/** All that can be configured, checked and with defaults filled in. */
export interface GatewayConfig {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly natsUrls: readonly string[];
  readonly natsAccess: NatsAccess;
  /** Undefined: what the streams have, 1 for new ones. */
  readonly streamReplicas: number | undefined;
  /** Empty: all aggregate types share the default stream. */
  readonly topology: readonly DedicatedStreamConfig[];
  readonly authMode: 'none';
  readonly allowInsecure: boolean;
  /** Names that the Host header may have beside those of loopback, in lower case, without port. */
  readonly allowedHosts: readonly string[];
  readonly logLevel: LogLevel;
  readonly bodyLimitBytes: number;
  readonly requestTimeoutMs: number;
  readonly shutdownTimeoutMs: number;
  /** NDJSON answers that may be under way at the same time. */
  readonly maxOpenStreams: number;
  /** An ES module with aggregates and the registry of events; undefined: none. */
  readonly stateModule: string | undefined;
  readonly replays: ReplayConfig;
  readonly live: LiveConfig;
}

/** Levels of the log, from silent to chatty. */
export const LOG_LEVELS = ['silent', 'fatal', 'error', 'warn', 'info', 'debug', 'trace'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];
