import type { ReplayJob, ReplayState } from './replay-job.ts';
import type { ReplayRequest } from './replay-request.ts';

/** One page of jobs, newest first. */
export interface ReplayPage {
  readonly jobs: readonly ReplayJob[];
  readonly nextCursor?: string;
}

/**
 * Replays: stored events handed over again.
 *
 * Guarantees an implementer must keep, tested by `describeReplayJobs` in `@annals/testing`:
 * - a job is durable when `start` returns: any process that drives replays goes on with it after a crash, from its
 *   checkpoint; at most one batch (100 events) is handed over again;
 * - one process drives a job at a time;
 * - events are handed over in the order of their stream, with `metadata.replay` and `metadata.replayId`;
 * - a target that does not take an event is tried again with backoff before the event counts as failed.
 */
export interface ReplayJobs {
  /** @throws ValidationError, ReplayTargetRefused, SubscriptionNotFound, IdempotencyKeyReused, StoreUnavailable */
  start(request: ReplayRequest): Promise<ReplayJob>;

  /** @param options `limit` 100 unless given, at most 1,000 */
  list(options?: {
    readonly states?: readonly ReplayState[] | undefined;
    readonly limit?: number | undefined;
    readonly cursor?: string | undefined;
  }): Promise<ReplayPage>;

  /** @throws ReplayNotFound */
  get(id: string): Promise<ReplayJob>;

  /** Stops after the batch in hand; twice is harmless. @throws ReplayNotFound, ReplayFinished */
  pause(id: string): Promise<ReplayJob>;

  /** @throws ReplayNotFound, ReplayFinished */
  resume(id: string): Promise<ReplayJob>;

  /** Ends it after the batch in hand; what was handed over stays. Twice is harmless. @throws ReplayNotFound, ReplayFinished */
  cancel(id: string): Promise<ReplayJob>;
}
