import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import type { Clock, Logger, MessageIdSource } from '@annals/core';

/** How to open a store on JetStream. Everything has a default. */
export interface JetStreamStoreOptions {
  /** A connection that stays the caller's: `close` leaves it open. */
  readonly connection?: NatsConnection;
  /** Servers to connect to, `127.0.0.1:4222` unless given; ignored with `connection`. */
  readonly servers?: string | readonly string[];
  /** Name, credentials, TLS and what else the client takes; ignored with `connection`. */
  readonly connectionOptions?: Omit<ConnectionOptions, 'servers'>;
  /** Milliseconds that one request to the server may take; 5,000. */
  readonly requestTimeoutMs?: number;
  /** Milliseconds until an append ends with a result or an error, all retries included; 15,000. */
  readonly appendTimeoutMs?: number;
  /** Milliseconds that an idempotency key is remembered; 30 days. */
  readonly idempotencyTtlMs?: number;
  /** Copies of every stream, 1, 3 or 5; 1. */
  readonly replicas?: number;
  /** Events that may wait to be appended before `Overloaded`; 20,000. */
  readonly maxPendingEvents?: number;
  /** Bytes that may wait to be appended before `Overloaded`; 256 MiB. */
  readonly maxPendingBytes?: number;
  /** Aggregates whose heads are kept in memory; 100,000. */
  readonly headCacheSize?: number;
  /** Bytes of bodies in the cache of `load`; 64 MiB, 0 turns it off. */
  readonly aggregateCacheBytes?: number;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly newMessageId?: MessageIdSource;
}
