import type { RecordedEvent } from '@annals/core';
import type { EventBody } from '@annals/contract';

/** An event as the gateway answers with it. Absent fields are undefined here and left out of the JSON. */
export function eventBody(event: RecordedEvent): EventBody {
  return {
    id: event.messageId,
    type: event.type,
    timestamp: event.timestamp,
    recordedAt: event.recordedAt,
    tenantId: event.tenantId,
    aggregateId: event.aggregateId,
    aggregateType: event.aggregateType,
    version: event.version,
    schemaVersion: event.schemaVersion,
    correlationId: event.correlationId,
    causationId: event.causationId,
    userId: event.userId,
    source: event.source,
    tags: event.tags,
    data: event.data,
    metadata: event.metadata,
    position: event.position,
    hash: event.hash,
    part: event.part,
  } as EventBody;
}
