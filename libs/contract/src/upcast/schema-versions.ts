import type { PositionBody } from '../event/event-body.ts';

/** What is stored of one event type in one schema version. */
export interface SchemaVersionBody {
  readonly eventType: string;
  readonly schemaVersion: number;
  /** How many events. */
  readonly count: number;
  readonly first: PositionBody;
  readonly last: PositionBody;
  /** The version that is written today, of a type that the gateway's module knows. */
  readonly currentVersion?: number;
  /**
   * `current`: it is read as it is. `migrates`: migrations lead to the current version. `newer`: a newer release wrote it.
   * `no-way`: reading it fails.
   */
  readonly way: 'current' | 'migrates' | 'newer' | 'no-way';
}

/** The answer to `GET /events/schema-versions`. */
export interface SchemaVersionsResponse {
  /** Events read. */
  readonly events: number;
  /** True when every stored event can be read. */
  readonly complete: boolean;
  /** By event type and schema version. */
  readonly versions: readonly SchemaVersionBody[];
}

/** A line of the same as NDJSON: how many events were read so far, again and again, and the answer as the last. */
export type SchemaVersionsLine = { readonly read: number } | SchemaVersionsResponse;
