import type { SubscriptionFilter } from '../subscribe/subscription-options.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ProjectedStore } from './projected-store.ts';

/** How far a read model is behind the log. */
export interface ProjectionProgress {
  readonly head: Checkpoint;
  readonly lagEvents: number;
  readonly lagMs: number;
}

/** Counts what a read model lacks: that it lacks nothing is only said when the store has nothing more for it. */
export async function describeProgress(
  store: ProjectedStore,
  filter: SubscriptionFilter,
  checkpoint: Checkpoint,
  nowMs: number,
): Promise<ProjectionProgress> {
  const head = await store.heads();
  const lagEvents = await eventsBehind(store, filter, checkpoint);
  if (lagEvents === 0) return { head, lagEvents, lagMs: 0 };
  for await (const { recordedAt } of store.readAll({ ...filter, after: checkpoint, limit: 1 })) {
    return { head, lagEvents, lagMs: Math.max(0, nowMs - Date.parse(recordedAt)) };
  }
  // Retention took the oldest meanwhile.
  return { head, lagEvents, lagMs: 0 };
}

/** How many events a read model lacks. */
export function eventsBehind(
  store: ProjectedStore,
  filter: SubscriptionFilter,
  checkpoint: Checkpoint,
): Promise<number> {
  return store.count({ ...filter, after: checkpoint });
}
