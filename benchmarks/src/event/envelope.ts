import { randomUUID } from 'node:crypto';
import type { EventMessage, NewEvent } from '@annals/core';
import { SAMPLE_AGGREGATE_TYPE } from './sample-event.ts';

/**
 * The envelope that a service without the library would write: the same fields, so that every contender stores a body
 * of the same size.
 */
export function envelope(aggregateId: string, version: number, event: NewEvent, correlationId?: string): EventMessage {
  const messageId = randomUUID();
  return {
    messageId,
    type: event.type,
    data: event.data,
    timestamp: new Date().toISOString(),
    tenantId: 'default',
    aggregateId,
    aggregateType: SAMPLE_AGGREGATE_TYPE,
    version,
    schemaVersion: 1,
    correlationId: correlationId ?? messageId,
  };
}
