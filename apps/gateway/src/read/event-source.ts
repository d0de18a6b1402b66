import { type AggregateRef, type EventStore, type RecordedEvent, matchesFilter } from '@annals/core';
import { type EventSelection, looksInside } from './event-selection.ts';
import type { CursorPlace } from './cursor.ts';

/** Where the events of a selection come from. */
export type EventSource =
  | { readonly kind: 'aggregate'; readonly aggregate: Required<AggregateRef> }
  | { readonly kind: 'log' }
  | { readonly kind: 'nothing' };

/** What is read, from the place of a cursor on. */
export interface SourceEvents extends AsyncIterable<RecordedEvent> {
  /** Known once the first event was delivered or the iteration ended. */
  readonly retainedFromVersion: number | undefined;
}

/**
 * Chooses how to read a selection. One aggregate is read by its own versions, which is far cheaper than going through
 * the log; an id without type is looked up first, and goes through the log only where several types have it.
 */
export async function chooseSource(
  store: EventStore,
  { filter }: EventSelection,
  place: CursorPlace | undefined,
): Promise<EventSource> {
  const { tenantId, aggregateId: id } = filter;
  if (id === undefined || place?.kind === 'positions') return { kind: 'log' };
  const known = filter.aggregateType ?? place?.aggregateType;
  if (known !== undefined) return { kind: 'aggregate', aggregate: { tenantId, type: known, id } };
  const types = await store.aggregateTypesOf(id, tenantId);
  if (types.length > 1) return { kind: 'log' };
  return types.length === 0 ? { kind: 'nothing' } : { kind: 'aggregate', aggregate: { tenantId, type: types[0]!, id } };
}

/** Reads a source. `limit` bounds what is delivered. */
export function readSource(
  store: EventStore,
  source: EventSource,
  selection: EventSelection,
  place: CursorPlace | undefined,
  limit: number | undefined,
  signal: AbortSignal,
): SourceEvents {
  if (source.kind === 'nothing') return { retainedFromVersion: undefined, [Symbol.asyncIterator]: noEvents };
  if (source.kind === 'aggregate') return readAggregate(store, source.aggregate, selection, place, limit, signal);
  const { filter, direction } = selection;
  const after = place?.kind === 'positions' ? place.after : undefined;
  const events = store.readAll({ ...filter, direction, after, limit, signal });
  return { retainedFromVersion: undefined, [Symbol.asyncIterator]: () => events[Symbol.asyncIterator]() };
}

function readAggregate(
  store: EventStore,
  aggregate: AggregateRef,
  { filter, direction }: EventSelection,
  place: CursorPlace | undefined,
  limit: number | undefined,
  signal: AbortSignal,
): SourceEvents {
  let { fromVersion, toVersion } = filter;
  if (place?.kind === 'version') {
    if (direction === 'forwards') fromVersion = Math.max(place.version, fromVersion ?? 1);
    else toVersion = Math.min(place.version, toVersion ?? place.version);
  }
  const filtered = looksInside(filter);
  const events = store.readAggregate(aggregate, {
    fromVersion,
    toVersion,
    direction,
    limit: filtered ? undefined : limit,
    signal,
  });
  if (!filtered) return events;
  return {
    get retainedFromVersion() {
      return events.retainedFromVersion;
    },
    async *[Symbol.asyncIterator]() {
      let delivered = 0;
      if (limit === 0) return;
      for await (const event of events) {
        if (!matchesFilter(event, filter)) continue;
        yield event;
        if (++delivered === limit) return;
      }
    },
  };
}

async function* noEvents(): AsyncGenerator<RecordedEvent> {}
