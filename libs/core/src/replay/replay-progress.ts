import type { Position, RecordedEvent } from '../event/event-message.ts';
import type { ReplayFailure, ReplayJob, ReplayResult } from './replay-job.ts';
import type { ReplayOutcome } from './replay-sink.ts';

/** A job names at most so many failures; it counts them all. */
export const MAX_REPLAY_FAILURES = 100;
/** A dry run shows at most so many events … */
export const MAX_REPLAY_SAMPLE = 10;
/** … of at most so many bytes together: the job must fit into one message. */
const MAX_SAMPLE_BYTES = 128 * 1024;
const MAX_REASON_CHARACTERS = 500;

/** What of a job changes while it runs. */
export type ReplayUpdate = Pick<ReplayJob, 'delivered' | 'failed' | 'failures' | 'checkpoint'> &
  Partial<Pick<ReplayJob, 'results' | 'sample' | 'file'>>;

/** Counts what became of a job's events, from what was saved on. */
export class ReplayProgress {
  private delivered: number;
  private failed: number;
  private readonly failures: ReplayFailure[];
  private readonly checkpoint: Map<string, number>;
  private readonly results: Map<string, ReplayResult>;
  private readonly sample: RecordedEvent[] = [];
  private sampleBytes = 0;
  private inARow = 0;
  private lastReason = '';

  constructor(private readonly job: ReplayJob) {
    this.delivered = job.delivered;
    this.failed = job.failed;
    this.failures = [...job.failures];
    this.checkpoint = new Map(job.checkpoint.map(({ stream, sequence }) => [stream, sequence]));
    this.results = new Map((job.results ?? []).map((result) => [result.subscription, result]));
  }

  /** Events dealt with, one way or the other. */
  get done(): number {
    return this.delivered + this.failed;
  }

  /** Events that failed one after the other, up to now, and why the last one did. */
  get failuresInARow(): { readonly count: number; readonly reason: string } {
    return { count: this.inARow, reason: this.lastReason };
  }

  /** All up to this position is done. */
  pass({ stream, sequence }: Position): void {
    this.checkpoint.set(stream, sequence);
  }

  settle(position: Position, messageId: string | undefined, outcome: ReplayOutcome): void {
    const failedIn = (outcome.bySubscription ?? []).filter(({ failure }) => failure !== undefined);
    for (const { subscription, failure } of outcome.bySubscription ?? []) this.countFor(subscription, failure);
    for (const { subscription, failure } of failedIn) this.note({ position, messageId, subscription, failure });
    if (outcome.failure !== undefined) this.note({ position, messageId, failure: outcome.failure });
    if (outcome.failure === undefined && failedIn.length === 0) {
      this.delivered++;
      this.inARow = 0;
    } else {
      this.failed++;
      this.inARow++;
      this.lastReason = outcome.failure ?? failedIn[0]!.failure!;
    }
    this.pass(position);
  }

  /** @returns false when no more are wanted */
  show(event: RecordedEvent): boolean {
    this.sampleBytes += JSON.stringify(event).length;
    if (this.sampleBytes > MAX_SAMPLE_BYTES) return false;
    return this.sample.push(event) < MAX_REPLAY_SAMPLE;
  }

  snapshot(): ReplayUpdate {
    return {
      delivered: this.delivered,
      failed: this.failed,
      failures: [...this.failures],
      checkpoint: [...this.checkpoint].map(([stream, sequence]) => ({ stream, sequence })),
      ...(this.job.target.type === 'all-subscriptions' && { results: [...this.results.values()] }),
      ...(this.job.dryRun && { sample: [...this.sample] }),
    };
  }

  private countFor(subscription: string, failure: string | undefined): void {
    const { delivered, failed } = this.results.get(subscription) ?? { delivered: 0, failed: 0 };
    const counts = failure === undefined ? { delivered: delivered + 1, failed } : { delivered, failed: failed + 1 };
    this.results.set(subscription, { subscription, ...counts });
  }

  private note(
    about: Omit<ReplayFailure, 'reason' | 'messageId'> & {
      messageId: string | undefined;
      failure?: string | undefined;
    },
  ): void {
    if (this.failures.length >= MAX_REPLAY_FAILURES) return;
    const { position, messageId, subscription, failure = '' } = about;
    this.failures.push({
      position,
      ...(messageId !== undefined && { messageId }),
      ...(subscription !== undefined && { subscription }),
      reason: failure.slice(0, MAX_REASON_CHARACTERS),
    });
  }
}
