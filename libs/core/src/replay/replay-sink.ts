import type { RecordedEvent } from '../event/event-message.ts';
import type { ReplayJob } from './replay-job.ts';
import type { ReplayTarget } from './replay-request.ts';

/** What became of one event. */
export interface ReplayOutcome {
  /** Why the target did not take it, after all its tries; absent when it did. */
  readonly failure?: string | undefined;
  /** What became of it in each subscription that wanted it, where the target is all of them. */
  readonly bySubscription?: readonly { readonly subscription: string; readonly failure?: string | undefined }[];
}

/** What a target needs to go on where it stands; saved together with the job's progress. */
export type ReplaySinkState = Pick<ReplayJob, 'file'>;

/** A target that was opened for one job. */
export interface ReplaySink {
  /**
   * Hands events over in order and tells of each what became of it, in the same order, as soon as it is known. Ends early
   * when the signal is aborted; events of which nothing was told are handed over again.
   *
   * @param events at most 100; their `metadata` say that they are replayed
   * @throws when the target can take nothing at all: a retryable error lets the job try again, another ends it as failed
   */
  deliver(events: readonly RecordedEvent[], signal: AbortSignal): AsyncIterable<ReplayOutcome>;

  /** Makes durable what was told of; what it returns is saved and given to `open` after a crash. */
  checkpoint?(): Promise<ReplaySinkState>;

  /** Called once when every event is dealt with, before the job counts as completed; may be called again after a crash. */
  finish?(): Promise<ReplaySinkState>;

  /** Lets go of what the target holds, whatever ended the job in this process. */
  close(): Promise<void>;
}

/** Opens targets that are reached by other means than the store's own, such as webhooks and files. */
export interface ReplaySinkFactory {
  /** Looks at a target before a job is made. @throws ReplayTargetRefused, ValidationError */
  check(target: ReplayTarget): Promise<void>;

  /**
   * Opens the target for a job, perhaps another time: `job` holds what was saved last.
   *
   * @throws ReplayTargetRefused when it cannot be reached from this process; the job then fails
   */
  open(job: ReplayJob): Promise<ReplaySink>;
}

/** Targets that a process can reach beside those of NATS, by their type. */
export interface ReplaySinks {
  readonly webhook?: ReplaySinkFactory | undefined;
  readonly file?: ReplaySinkFactory | undefined;
}
