import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node';
import type { Clock, EventRegistry, Logger, MessageIdSource } from '@annals/core';
import type { ProvisioningMode } from '../provision/provision-streams.ts';
import type { ReplayOptions } from '../replay/create-replays.ts';
import type { RetentionScheduleOptions } from '../retention/retention-schedule.ts';
import type { TopologyOptions } from '../topology/topology-options.ts';

/** How to open a store on JetStream. Everything has a default. */
export interface JetStreamStoreOptions {
  /** A connection that stays the caller's: `close` leaves it open. */
  readonly connection?: NatsConnection | undefined;
  /** Servers to connect to, `127.0.0.1:4222` unless given; ignored with `connection`. */
  readonly servers?: string | readonly string[] | undefined;
  /** Name, credentials, TLS and what else the client takes; ignored with `connection`. */
  readonly connectionOptions?: Omit<ConnectionOptions, 'servers'> | undefined;
  /** Milliseconds that one request to the server may take; 5,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Milliseconds until an append ends with a result or an error, all retries included; 10,000. */
  readonly appendTimeoutMs?: number | undefined;
  /** Milliseconds that an idempotency key is remembered; 30 days. */
  readonly idempotencyTtlMs?: number | undefined;
  /** Which stream takes which aggregate types; one stream for all. */
  readonly topology?: TopologyOptions | undefined;
  /** Whether streams may be made and changed; `'apply'`. */
  readonly provisioning?: ProvisioningMode | undefined;
  /** Copies of every stream, 1, 3 or 5; 1 for new streams, existing ones keep what they have. */
  readonly replicas?: number | undefined;
  /** Events that may wait to be appended before `Overloaded`; 20,000. */
  readonly maxPendingEvents?: number | undefined;
  /** Bytes that may wait to be appended before `Overloaded`; 256 MiB. */
  readonly maxPendingBytes?: number | undefined;
  /** Aggregates whose heads are kept in memory; 100,000. */
  readonly headCacheSize?: number | undefined;
  /** Bytes of bodies in the cache of `load`; 64 MiB, 0 turns it off. */
  readonly aggregateCacheBytes?: number | undefined;
  /** Milliseconds without a settled event after which a subscription that has some to settle is stalled; 60,000. */
  readonly subscriptionStallMs?: number | undefined;
  /** Removes old events again and again while the store is open; unless given nothing is ever removed. */
  readonly retention?: RetentionScheduleOptions | undefined;
  /** Whether this process drives replays, and to which targets outside of NATS; it drives none unless told. */
  readonly replays?: ReplayOptions | undefined;
  /**
   * The event types that are known: appends are checked by it, and every event read is brought to its current schema
   * version. It is sealed when the store is opened.
   */
  readonly registry?: EventRegistry | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly newMessageId?: MessageIdSource | undefined;
}
