import type { Snapshot, SnapshotPage } from '@annals/core';
import type { TenantOption } from '../read/replay-options.ts';

/** A state to keep. */
export interface SnapshotToRecord<State = unknown> {
  /** Of the last event in the state, from 1. */
  readonly version: number;
  /** A JSON value, at most 32 MiB as such. */
  readonly state: State;
  /** Schema version of the state, 1 unless given. A snapshot of a higher one replaces one of a lower one, never the reverse. */
  readonly stateVersion?: number | undefined;
}

/** Which snapshots to list. */
export interface ListSnapshotsOptions extends TenantOption {
  readonly aggregateType?: string | undefined;
  /** 100 unless given, from 1 to 1,000. */
  readonly limit?: number | undefined;
  /** What an earlier page gave as `nextCursor`. */
  readonly cursor?: string | undefined;
}

/** Snapshots by hand: for state that is folded without a repository, which takes its own. */
export interface AggregateSnapshots {
  /**
   * Keeps an aggregate's state, so that it need not be folded from its first event again.
   *
   * @returns false when one that is as new is there already
   * @throws ValidationError for a version that the aggregate does not have, for a state that is no JSON value or too large;
   *   StoreUnavailable
   */
  recordSnapshot<State>(
    aggregateId: string,
    aggregateType: string,
    snapshot: SnapshotToRecord<State>,
    options?: TenantOption,
  ): Promise<boolean>;

  /**
   * The newest snapshot of an aggregate; undefined when there is none. One that is damaged or was taken of another history
   * is none, and a warning is logged. Look at its `stateVersion` before its state is used.
   *
   * @throws ValidationError, StoreUnavailable
   */
  getSnapshot<State = unknown>(
    aggregateId: string,
    aggregateType: string,
    options?: TenantOption,
  ): Promise<Snapshot<State> | undefined>;

  /**
   * The tenant's snapshots without their states, those that were kept longest ago first, page by page.
   *
   * @throws ValidationError, StoreUnavailable
   */
  listSnapshots(options?: ListSnapshotsOptions): Promise<SnapshotPage>;

  /**
   * Forgets an aggregate's snapshot: the state is folded from all events until a new one is taken.
   *
   * @returns false when there was none
   * @throws ValidationError, StoreUnavailable
   */
  deleteSnapshot(aggregateId: string, aggregateType: string, options?: TenantOption): Promise<boolean>;
}
