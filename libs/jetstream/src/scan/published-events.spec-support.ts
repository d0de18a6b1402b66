import { jetstream } from '@nats-io/jetstream';
import { type NatsConnection, headers } from '@nats-io/transport-node';
import { HEADER } from '../header/header-names.ts';
import { aggregatePrefix, looseEventPrefix } from '../subject/subject-map.ts';

/** What matters of an event to whoever reads headers only. */
export interface PublishedEvent {
  readonly tenantId: string;
  readonly type: string;
  readonly timestamp: string;
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  readonly version?: number;
  /** Without aggregate. */
  readonly messageId?: string;
}

/** Puts an event into its stream without the store, and waits for the acknowledgement. @returns its stream sequence */
export async function publishEvent(nc: NatsConnection, prefix: string, event: PublishedEvent): Promise<number> {
  const ack = await jetstream(nc).publish(subjectOf(prefix, event), bodyOf(event), { headers: headersOf(event) });
  return ack.seq;
}

/** Puts many events into their stream, in order. @returns when all are acknowledged */
export async function publishEvents(
  nc: NatsConnection,
  prefix: string,
  events: readonly PublishedEvent[],
): Promise<void> {
  const js = jetstream(nc);
  for (let i = 0; i < events.length; i += 500) {
    const some = events.slice(i, i + 500);
    await Promise.all(some.map((e) => js.publish(subjectOf(prefix, e), bodyOf(e), { headers: headersOf(e) })));
  }
}

/** The first `count` events of an aggregate behind version `after`. */
export function eventsOf(aggregateType: string, aggregateId: string, count: number, after = 0): PublishedEvent[] {
  return Array.from({ length: count }, (_, i) => ({
    tenantId: 'acme',
    aggregateType,
    aggregateId,
    version: after + i + 1,
    type: `${aggregateType}.${after + i === 0 ? 'created' : 'changed'}`,
    timestamp: new Date(1.7e12 + (after + i) * 1000).toISOString(),
  }));
}

export function subjectOf(prefix: string, event: PublishedEvent): string {
  const { tenantId, aggregateType, aggregateId, version, messageId = '01J', type } = event;
  if (aggregateType === undefined) return `${looseEventPrefix(prefix, tenantId, messageId)}.${type}`;
  return `${aggregatePrefix(prefix, { tenantId, type: aggregateType, id: aggregateId! })}.${version}.${type}`;
}

function headersOf({ timestamp }: PublishedEvent) {
  const map = headers();
  map.set(HEADER.time, timestamp);
  return map;
}

function bodyOf(event: PublishedEvent): string {
  return JSON.stringify({ messageId: '01J', data: {}, schemaVersion: 1, ...event });
}
