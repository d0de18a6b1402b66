import type { AggregateEvents, EventStore, RecordedEvent } from '@annals/core';

/** A store whose retention has taken every aggregate's versions below `oldest`, as reads show it. */
export function withRetention(store: EventStore, oldest: number): EventStore {
  const cut = (events: AggregateEvents, tellsRetention: boolean): AggregateEvents => ({
    retainedFromVersion: tellsRetention ? oldest : undefined,
    async *[Symbol.asyncIterator](): AsyncGenerator<RecordedEvent> {
      for await (const event of events) if (event.version! >= oldest) yield event;
    },
  });
  return new Proxy(store, {
    get(target, name) {
      if (name === 'readAggregate') {
        const read: EventStore['readAggregate'] = (aggregate, options = {}) => {
          const fromVersion = Math.max(oldest, options.fromVersion ?? 1);
          // Only a read from version 1 comes across what is missing.
          return cut(target.readAggregate(aggregate, { ...options, fromVersion }), (options.fromVersion ?? 1) === 1);
        };
        return read;
      }
      if (name === 'readAt') {
        const readAt: EventStore['readAt'] = (...args) => cut(target.readAt(...args), true);
        return readAt;
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === 'function' ? (value as () => unknown).bind(target) : value;
    },
  });
}
