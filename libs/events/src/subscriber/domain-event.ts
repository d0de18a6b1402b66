import type { EventSource, Position, RecordedEvent } from '@annals/core';

/** A stored event as a {@link DomainEventSubscriber} gets it. */
export interface DomainEvent<T = unknown> {
  readonly eventId: string;
  readonly eventType: string;
  /** Absent, as type and version are, on an event without aggregate. */
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  readonly version?: number;
  readonly tenantId: string;
  /** When it happened, ISO 8601 in UTC. */
  readonly occurredAt: string;
  /** When the store took it. */
  readonly recordedAt: string;
  readonly data: T;
  /** Schema version of `data`. */
  readonly schemaVersion: number;
  readonly correlationId?: string;
  readonly causationId?: string;
  readonly userId?: string;
  readonly source?: EventSource;
  readonly tags?: readonly string[];
  /** Empty where the writer gave none. */
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly position: Position;
}

export function toDomainEvent<T>(event: RecordedEvent<T>): DomainEvent<T> {
  const { messageId, type, timestamp, metadata = {}, hash: _hash, part: _part, traceContext: _trace, ...same } = event;
  return { ...same, eventId: messageId, eventType: type, occurredAt: timestamp, metadata };
}
