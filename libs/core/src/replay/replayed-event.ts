import type { RecordedEvent } from '../event/event-message.ts';

/** The event as a replay hands it over: its metadata say so, everything else is as stored. */
export function asReplayed(event: RecordedEvent, replayId: string): RecordedEvent {
  return { ...event, metadata: { ...event.metadata, replay: true, replayId } };
}

/** The event as JSON in the form of the HTTP API, where the message id is `id`. */
export function replayedJson(event: RecordedEvent): string {
  const { messageId: id, type, timestamp, recordedAt, tenantId, aggregateId, aggregateType, version, ...rest } = event;
  const { schemaVersion, correlationId, causationId, userId, source, tags, data, metadata, position, hash } = rest;
  const about = { id, type, timestamp, recordedAt, tenantId, aggregateId, aggregateType, version, schemaVersion };
  return JSON.stringify({
    ...about,
    ...{ correlationId, causationId, userId, source, tags, data, metadata, position, hash },
  });
}
