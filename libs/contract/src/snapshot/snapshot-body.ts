/** A snapshot as lists show it. */
export interface SnapshotSummaryBody {
  readonly tenantId: string;
  readonly aggregateType: string;
  readonly aggregateId: string;
  /** Of the last event in the state. */
  readonly version: number;
  /** Schema version of the state. */
  readonly stateVersion: number;
  readonly takenAt: string;
  /** Of the state as JSON. */
  readonly bytes: number;
}

/** A snapshot with its state. */
export interface SnapshotBody<State = unknown> extends Omit<SnapshotSummaryBody, 'bytes'> {
  readonly state: State;
}

/** The query of `GET /events/snapshots`. */
export interface SnapshotsQuery {
  /** All tenants unless given. */
  readonly tenantId?: string;
  readonly aggregateType?: string;
  /** 1 to 1,000; 100 unless given. */
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** The answer to `GET /events/snapshots`: those kept longest ago first. */
export interface SnapshotsResponse {
  readonly snapshots: readonly SnapshotSummaryBody[];
  /** Where the next page begins; null after the last one. */
  readonly nextCursor: string | null;
}

/** Whose snapshot is meant. */
export interface SnapshotRef {
  readonly type: string;
  readonly id: string;
  /** `"default"` unless given. */
  readonly tenantId?: string;
}
