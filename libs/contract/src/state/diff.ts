import type { ReducerKind } from './state.ts';

/** The query of `GET /events/aggregate/diff`. */
export interface DiffQuery {
  readonly aggregateId: string;
  /** Needed where aggregates of several types have the id. */
  readonly aggregateType?: string;
  /** `"default"` unless given. */
  readonly tenantId?: string;
  /** A version (0: before the first event) or a time (ISO 8601, by the events' own times). */
  readonly from: number | string;
  /** As `from`, and not before it; the newest state unless given. */
  readonly to?: number | string;
  /** Fold what is still stored where retention took the oldest events; `history-incomplete` otherwise. */
  readonly allowIncomplete?: boolean;
}

/** One step of a JSON Patch (RFC 6902), of the three kinds that make any change. */
export type PatchOperation =
  | { readonly op: 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** What one event changed, and who caused it. */
export interface StateChangeBody {
  readonly version: number;
  readonly type: string;
  readonly timestamp: string;
  readonly userId?: string;
  readonly messageId: string;
  /** Empty where the event changed nothing. */
  readonly patch: readonly PatchOperation[];
}

/** The answer to `GET /events/aggregate/diff`. */
export interface DiffResponse {
  readonly aggregateId: string;
  readonly aggregateType: string;
  readonly reducer: ReducerKind;
  /** The versions of both states; 0 for the one before the first event. */
  readonly from: { readonly version: number };
  readonly to: { readonly version: number };
  /** Makes the state at `to` of the one at `from`. */
  readonly patch: readonly PatchOperation[];
  /** The events that are in the state at `to` and not in the one at `from`, by version. */
  readonly changes: readonly StateChangeBody[];
  /** The oldest version still stored, where retention took older ones. */
  readonly retainedFromVersion?: number;
}
