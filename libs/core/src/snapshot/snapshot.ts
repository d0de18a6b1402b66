import type { ResolvedAggregateRef } from '../event/aggregate-ref.ts';

/** An aggregate's state at a version, kept so that it need not be folded from the first event. */
export interface Snapshot<State = unknown> {
  readonly aggregate: ResolvedAggregateRef;
  /** Of the last event in the state, from 1. */
  readonly version: number;
  /** A JSON value. */
  readonly state: State;
  /** Schema version of `state`, from 1: a snapshot of another one is not used. */
  readonly stateVersion: number;
  /** ISO 8601. */
  readonly takenAt: string;
  /** The chain link of the last event in the state: a snapshot of another history is told by it. */
  readonly hash?: string | undefined;
}

/** A snapshot as lists show it. */
export interface SnapshotSummary extends Omit<Snapshot, 'state'> {
  /** Of the state as JSON. */
  readonly bytes: number;
}

/** Which snapshots are meant; absent fields match all. */
export interface SnapshotSelection {
  readonly tenantId?: string | undefined;
  readonly aggregateType?: string | undefined;
}

/** One page of snapshots, those that were kept longest ago first. */
export interface SnapshotPage {
  readonly snapshots: readonly SnapshotSummary[];
  /** Give it back as `cursor` for the next page; absent on the last. */
  readonly nextCursor?: string;
}

/**
 * Snapshots of aggregates: the newest one of each. They are a cache: whoever finds none, or one that is damaged, folds the
 * events.
 *
 * Guarantees an implementer must keep, tested by `describeSnapshots` in `@annals/testing`:
 * - a snapshot is replaced by one of a higher state version, or of the same one and a higher version, whoever writes;
 * - what cannot be read as it was written is not there, and a warning is logged.
 */
export interface Snapshots {
  /** @throws ValidationError, StoreUnavailable */
  get<State = unknown>(aggregate: {
    readonly type: string;
    readonly id: string;
    readonly tenantId?: string | undefined;
  }): Promise<Snapshot<State> | undefined>;

  /**
   * Keeps a snapshot.
   *
   * @returns false when one that is as new is there already
   * @throws ValidationError for a state that is no JSON value, or takes more than 32 MiB as such; StoreUnavailable
   */
  put(snapshot: Snapshot): Promise<boolean>;

  /** @param options `limit` 100 unless given, at most 1,000 */
  list(
    selection?: SnapshotSelection,
    options?: { readonly limit?: number | undefined; readonly cursor?: string | undefined },
  ): Promise<SnapshotPage>;

  /** @returns false when there was none */
  delete(aggregate: {
    readonly type: string;
    readonly id: string;
    readonly tenantId?: string | undefined;
  }): Promise<boolean>;
}
