import {
  type AggregateRef,
  type EventStore,
  type ReadAllOptions,
  type RecordedEvent,
  matchesFilter,
} from '@annals/core';

/**
 * The stored events that match, by the cheapest way to them: an aggregate's events are read from the aggregate, since
 * its subject leads there at once while a read of the log costs what the log is long.
 *
 * @param options as `checkReadAll` returns them
 */
export async function* selectEvents(store: EventStore, options: ReadAllOptions): AsyncGenerator<RecordedEvent> {
  const { aggregateId, aggregateType, tenantId } = options;
  if (aggregateId === undefined || options.after !== undefined) {
    yield* store.readAll(options);
    return;
  }
  const types = aggregateType === undefined ? await store.aggregateTypesOf(aggregateId, tenantId) : [aggregateType];
  const [type] = types;
  if (type === undefined) return;
  // Several aggregates of one id: only the log knows the order among them.
  if (types.length > 1) yield* store.readAll(options);
  else yield* selectFromAggregate(store, { type, id: aggregateId, tenantId }, options);
}

async function* selectFromAggregate(
  store: EventStore,
  aggregate: AggregateRef,
  options: ReadAllOptions,
): AsyncGenerator<RecordedEvent> {
  const { fromVersion, toVersion, direction, signal, limit } = options;
  const selective =
    options.eventTypes ?? options.fromTimestamp ?? options.toTimestamp ?? options.recordedFrom ?? options.recordedTo;
  const range = { fromVersion, toVersion, direction, signal, limit: selective === undefined ? limit : undefined };
  let delivered = 0;
  for await (const event of store.readAggregate(aggregate, range)) {
    if (!matchesFilter(event, options)) continue;
    yield event;
    if (++delivered === limit) return;
  }
}
