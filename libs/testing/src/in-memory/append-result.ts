import type { AggregateHead, AppendResult, AppendedEvent, RecordedEvent } from '@annals/core';
import type { StoredEvent } from './stored-event.ts';

/** What an append answers, from its events in the order of its parts. */
export function appendResult(parts: readonly (readonly StoredEvent[])[], repeated: boolean): AppendResult {
  return {
    events: parts.flat().map(({ event }) => appendedEvent(event)),
    heads: parts.flatMap((part) => headOf(part.at(-1)) ?? []),
    repeated,
  };
}

/** The head that an aggregate's newest event is; undefined for an event without aggregate, and without event. */
export function headOf(newest: StoredEvent | undefined): AggregateHead | undefined {
  if (newest?.event.aggregateType === undefined) return undefined;
  const { tenantId, aggregateType, aggregateId, version, position } = newest.event;
  const aggregate = { tenantId, type: aggregateType, id: aggregateId! };
  return { aggregate, version: version!, position: { ...position } };
}

function appendedEvent(event: RecordedEvent): AppendedEvent {
  const { messageId, type, tenantId, aggregateType, aggregateId, version, position } = event;
  return {
    messageId,
    type,
    tenantId,
    ...(aggregateType !== undefined && { aggregateType, aggregateId: aggregateId!, version: version! }),
    position: { ...position },
  };
}
