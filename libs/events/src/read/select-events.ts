import type { EventStore, ReadAllOptions, RecordedEvent } from '@annals/core';

/**
 * The stored events that match. An id without type is looked up first: where it has one type only, as is usual, its
 * events are read from the aggregate, while a read of the log costs what the log is long.
 *
 * @param options as `checkReadAll` returns them
 */
export function selectEvents(store: EventStore, options: ReadAllOptions): AsyncIterable<RecordedEvent> {
  const { aggregateId, aggregateType } = options;
  if (aggregateId === undefined || aggregateType !== undefined) return store.readAll(options);
  return selectOfAnyType(store, aggregateId, options);
}

async function* selectOfAnyType(
  store: EventStore,
  aggregateId: string,
  options: ReadAllOptions,
): AsyncGenerator<RecordedEvent> {
  const [type, ...more] = await store.aggregateTypesOf(aggregateId, options.tenantId);
  if (type === undefined) return;
  // Of several aggregates with one id only the log knows the order among them.
  yield* store.readAll(more.length === 0 ? { ...options, aggregateType: type } : options);
}
