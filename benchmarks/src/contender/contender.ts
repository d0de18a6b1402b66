import type { NewEvent } from '@annals/core';

/** An event with its place, for filling a store. */
export interface PlacedEvent {
  readonly aggregateId: string;
  /** From 1; the version before it is in the store. */
  readonly version: number;
  readonly event: NewEvent;
}

/** What a writer knows of an aggregate's newest event. */
export interface Head {
  /** 0 without events. */
  readonly version: number;
  /** Its stream sequence, where the contender's expectations are made of sequences. */
  readonly sequence: number;
}

/** The head of an aggregate without events. */
export const NO_HEAD: Head = { version: 0, sequence: 0 };

/** What was found while reading. */
export interface ReadSummary {
  readonly events: number;
  /** Sum of the quantities in the events' data: proof that bodies were parsed, and that they are the right ones. */
  readonly quantity: number;
}

/** An aggregate that was read whole. */
export interface ReadAggregate {
  readonly found: ReadSummary;
  readonly head: Head;
}

/**
 * One way to store events, as the load sees it. All contenders owe the same: optimistic concurrency by version, whole
 * appends or none, reads that see what was acknowledged.
 */
export interface Contender {
  /**
   * Appends to an aggregate that the caller believes to be at `head`, all events or none. Returns the new head.
   *
   * @throws VersionConflict when it is at another version
   */
  append(aggregateId: string, head: Head, events: readonly NewEvent[]): Promise<Head>;
  /** Reads an aggregate whole, in version order, bodies parsed. */
  read(aggregateId: string): Promise<ReadAggregate>;
  /** Reads an aggregate of thousands of events. */
  fold(aggregateId: string): Promise<ReadSummary>;
  /** Reads all events in the order of the store, bodies parsed. `expected` is how many there are. */
  scan(expected: number): Promise<ReadSummary>;
  /** Appends events of different aggregates as fast as it can, in no particular order. */
  fill(events: readonly PlacedEvent[]): Promise<void>;
  /** Called once after filling. */
  settle(): Promise<void>;
  /** How many events are stored. */
  count(): Promise<number>;
  /** What only this contender knows of itself, for example the sizes of its commits. */
  details(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Another writer was first. */
export class VersionConflict extends Error {
  constructor(
    aggregateId: string,
    expectedVersion: number,
    /** What it is really at. */
    readonly head: Head,
  ) {
    super(`${aggregateId} is at version ${head.version}, expected was ${expectedVersion}`);
  }
}
