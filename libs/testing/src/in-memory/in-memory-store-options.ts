import type { Clock, EventRegistry, MessageIdSource, ReplaySinks } from '@annals/core';

/** How to make an in-memory store. Everything has a default. */
export interface InMemoryStoreOptions {
  /** Tells when events are recorded, and when idempotency keys lapse; the machine's clock. */
  readonly clock?: Clock;
  /** Makes the message ids that writers do not give; ULIDs by the clock. */
  readonly newMessageId?: MessageIdSource;
  /** Name of the one stream that positions are in; `'EVENTS'`. */
  readonly stream?: string;
  /** Bytes that an event may take; 1 MiB, as nats-server's default. */
  readonly maxPayloadBytes?: number;
  /** Milliseconds that an idempotency key is remembered; 30 days. */
  readonly idempotencyTtlMs?: number;
  /** Targets of replays beside subscriptions and subjects; none. */
  readonly replaySinks?: ReplaySinks;
  /** Hears what replays publish on subjects; nobody does unless given. @param json the event as the HTTP API shows it */
  readonly onPublish?: (subject: string, json: string) => void;
  /** The event types that are known, as `openJetStreamStore` takes them. It is sealed. */
  readonly registry?: EventRegistry;
  /** Brings events to what they are today for replays only, which hand over nothing until it is sealed; `registry` unless given. */
  readonly replayRegistry?: EventRegistry;
}

const DAY_MS = 24 * 60 * 60 * 1_000;

export const IN_MEMORY_DEFAULTS = {
  stream: 'EVENTS',
  maxPayloadBytes: 1024 * 1024,
  idempotencyTtlMs: 30 * DAY_MS,
} as const;
