import type { DeclarativeMigration, RecordedEvent } from '@annals/core';

/**
 * Turns the data of one schema version into that of a later one: a pure, quick and synchronous function, or what to rename,
 * remove and fill in. A function may also return `splitInto(…)`, for several events or none.
 *
 * `Data` is what the caller says of the stored data; it is not checked.
 */
export type EventMigration<Data = Record<string, unknown>> =
  ((data: Data, event: RecordedEvent) => unknown) | DeclarativeMigration;
