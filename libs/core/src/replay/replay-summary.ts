import type { ReplayJob } from './replay-job.ts';

/** A replay in few words: how many events it is about, and what became of them. */
export interface ReplaySummary {
  readonly id: string;
  /** The event types that were asked for, by commas; `'>'` for all. */
  readonly pattern: string;
  readonly eventCount: number;
  readonly successCount: number;
  readonly failureCount: number;
  /** False once it is over: completed, cancelled or failed. */
  readonly inProgress: boolean;
}

export function replaySummary(job: ReplayJob): ReplaySummary {
  return {
    id: job.id,
    pattern: job.filter.eventTypes?.join(',') ?? '>',
    eventCount: job.total,
    successCount: job.delivered,
    failureCount: job.failed,
    inProgress: !isReplayOver(job.state),
  };
}

/** True for a state that never changes again. */
export function isReplayOver(state: ReplayJob['state']): boolean {
  return state === 'completed' || state === 'cancelled' || state === 'failed';
}
