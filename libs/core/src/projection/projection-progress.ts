import type { SubscriptionFilter } from '../subscribe/subscription-options.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { ProjectedStore } from './generation-run.ts';

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
  const { streams } = await store.status();
  const head = streams.map(({ name, lastSequence }) => ({ stream: name, sequence: lastSequence }));
  const behind = { ...filter, after: checkpoint };
  const lagEvents = await store.count(behind);
  if (lagEvents === 0) return { head, lagEvents, lagMs: 0 };
  const oldest = store.follow(filter, { from: checkpoint.length === 0 ? 'beginning' : { after: checkpoint } });
  for await (const { recordedAt } of oldest) {
    return { head, lagEvents, lagMs: Math.max(0, nowMs - Date.parse(recordedAt)) };
  }
  return { head, lagEvents, lagMs: 0 };
}
