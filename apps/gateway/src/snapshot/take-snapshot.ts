import { AggregateNotFound, AggregateRepository, type EventStore, type Logger, type Snapshot } from '@annals/core';
import type { SnapshotRef } from '@annals/contract';
import { HttpProblem } from '../problem/http-problem.ts';
import type { StateModule } from '../state/state-module.ts';

/** A snapshot, and whether it was taken just now. */
export interface TakenSnapshot {
  readonly snapshot: Snapshot;
  /** False where one that is as new was there. */
  readonly isNew: boolean;
}

/**
 * Takes a snapshot of an aggregate's newest state. A type that the module says nothing of has none: services would take a
 * state that was merged from data for one of their own.
 *
 * @throws HttpProblem `no-reducer`, AggregateNotFound, ReducerFailed, HistoryIncomplete and what reading throws
 */
export async function takeSnapshot(
  store: EventStore,
  module: StateModule,
  ref: SnapshotRef,
  logger: Logger,
): Promise<TakenSnapshot> {
  const aggregate = module.aggregateOf(ref.type);
  if (!aggregate) {
    throw new HttpProblem(
      'no-reducer',
      `The module that STATE_MODULE names has no aggregate of type ${ref.type}, so the gateway cannot make a state that ` +
        'services could use: add it there.',
      { aggregateType: ref.type, aggregateId: ref.id },
    );
  }
  const { snapshots } = store;
  const repository = new AggregateRepository(store, aggregate, { snapshots, logger });
  const version = await repository.takeSnapshot(ref.id, ref);
  const snapshot = await snapshots.get(ref);
  if (!snapshot) throw new AggregateNotFound(ref);
  return { snapshot, isNew: version !== undefined };
}
