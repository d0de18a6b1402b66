/** The query of `GET /events/aggregate/state`: the newest state unless `atVersion` or `asOf` says otherwise. */
export interface StateQuery {
  readonly aggregateId: string;
  /** Needed where aggregates of several types have the id. */
  readonly aggregateType?: string;
  /** `"default"` unless given. */
  readonly tenantId?: string;
  /** The state just after this version; 0 is the one before the first event, one still to come means the newest. */
  readonly atVersion?: number;
  /** The state from what had happened by then (the events' own times). */
  readonly asOf?: string;
  /** Fold what is still stored where retention took the oldest events; `history-incomplete` otherwise. */
  readonly allowIncomplete?: boolean;
}

/** Whether a state was folded by a reducer of the gateway's module, or by merging `data` (RFC 7396). */
export type ReducerKind = 'module' | 'merge-patch';

/** The answer to `GET /events/aggregate/state`. */
export interface StateResponse<State = unknown> {
  readonly aggregateId: string;
  readonly aggregateType: string;
  /** Of the last event in the state; 0 for the state before the first event. */
  readonly version: number;
  /** When the last event in the state happened; absent for version 0. */
  readonly timestamp?: string;
  readonly state: State;
  readonly reducer: ReducerKind;
  /** Version of the snapshot that the state was made from; null where all events were folded. */
  readonly snapshotVersion: number | null;
  /** The oldest version still stored, where retention took older ones. */
  readonly retainedFromVersion?: number;
}
