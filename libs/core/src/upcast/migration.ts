import type { RecordedEvent } from '../event/event-message.ts';

/**
 * Turns the data of one schema version into that of a later one. It must be quick, pure and synchronous: it runs on every
 * read of an old event, and what it is given is shared by callers and may be frozen.
 *
 * @returns the data, or {@link splitInto} for several events or none
 */
export type MigrateData = (data: never, event: RecordedEvent) => unknown;

/** The step of one event type from one schema version to a later one. */
export interface Migration {
  readonly eventType: string;
  /** From 1. */
  readonly from: number;
  /** Above `from`. */
  readonly to: number;
  readonly migrate: MigrateData;
}

/** One of the events that an old one becomes. */
export interface SplitPart {
  /** The old event's type unless given. */
  readonly type?: string;
  readonly data: unknown;
  /** Of `data`: the migration's target version for the old type, the current one of another type unless given. */
  readonly schemaVersion?: number;
}

/** That an old event becomes several events or none. */
export class EventSplit {
  constructor(readonly parts: readonly SplitPart[]) {}
}

/**
 * Says that an old event is several events today, which share its version and position; or none.
 *
 * @example
 * registry.registerMigration('user.moved', 1, 2, (data) => splitInto({ data: data.address }, { type: 'user.called', data: data.phone }));
 * registry.registerMigration('user.pinged', 1, 2, () => splitInto());
 */
export function splitInto(...parts: readonly SplitPart[]): EventSplit {
  return new EventSplit(parts);
}
