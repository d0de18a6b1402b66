import { abortable, waitFor } from './abortable.ts';
import type { ReplayJob } from './replay-job.ts';
import { ReplayTargetDown } from './replay-errors.ts';
import { ReplayPace } from './replay-pace.ts';
import { ReplayProgress, type ReplayUpdate } from './replay-progress.ts';
import { ReplayRate, etaMs } from './replay-rate.ts';
import type { ReplayOutcome, ReplaySink, ReplaySinkState } from './replay-sink.ts';
import type { ReplayItem, ReplaySource } from './replay-source.ts';
import { asReplayed } from './replayed-event.ts';

/** So many events in a row that the target did not take: something is wrong with it, and somebody must look. */
export const MAX_FAILURES_IN_A_ROW = 20;
const SAVE_EVERY_MS = 1_000;

/** What driving a job takes. */
export interface ReplayRun {
  /** As it was saved last, with its total counted. */
  readonly job: ReplayJob;
  readonly source: ReplaySource;
  readonly sink: ReplaySink;
  /** Saves how far the job is. @throws when this process drives it no longer */
  readonly save: (update: ReplayUpdate & Pick<ReplayJob, 'rate' | 'etaMs'>) => Promise<void>;
  /** Asked before each batch. @throws when this process drives the job no longer */
  readonly checkMine: () => void;
  /** Tells the time in milliseconds, from whenever, never backwards. */
  readonly nowMs: () => number;
  /** Ends the run: what is in hand is told and saved, then the signal's reason is thrown. */
  readonly signal: AbortSignal;
}

/** How a run ended. */
export type ReplayEnd =
  | { readonly type: 'completed' }
  /** The target is down, or did not take too many events in a row: somebody must look. */
  | { readonly type: 'gave-up'; readonly reason: string };

/**
 * Hands over a job's events from its checkpoint on: in order, at its rate, saving the progress after every batch of at
 * most 100 events and at least every second in between.
 *
 * @throws the signal's reason, what `save` and `checkMine` throw, what the source and the sink throw
 */
export async function runReplay(run: ReplayRun): Promise<ReplayEnd> {
  try {
    return await new Run(run).toTheEnd();
  } catch (error) {
    // By its name: two copies of the package must understand each other.
    if (error instanceof Error && error.name === ReplayTargetDown.name) {
      return { type: 'gave-up', reason: error.message };
    }
    throw error;
  }
}

/** Looks at the first events of a dry run and hands over nothing. */
export async function sampleReplay(job: ReplayJob, source: ReplaySource, signal: AbortSignal): Promise<ReplayUpdate> {
  const progress = new ReplayProgress(job);
  for (;;) {
    const items = await abortable(source.next(), signal);
    for (const { event } of items ?? []) if (event && !progress.show(event)) return progress.snapshot();
    if (!items) return progress.snapshot();
  }
}

class Run {
  private readonly progress: ReplayProgress;
  private readonly pace: ReplayPace;
  private readonly rate: ReplayRate;
  private savedAtMs: number;
  private counted: number;

  constructor(private readonly run: ReplayRun) {
    this.progress = new ReplayProgress(run.job);
    this.pace = new ReplayPace(run.job.ratePerSecond, run.nowMs);
    this.rate = new ReplayRate(run.nowMs);
    this.savedAtMs = run.nowMs();
    this.counted = this.progress.done;
  }

  async toTheEnd(): Promise<ReplayEnd> {
    const { source, sink, signal } = this.run;
    for (;;) {
      const items = await abortable(source.next(), signal);
      if (!items) break;
      for (let at = 0; at < items.length;) {
        const batch = firstEvents(items, at, this.pace.batchSize);
        at += batch.length;
        await this.handOver(batch);
        const { count, reason } = this.progress.failuresInARow;
        if (count >= MAX_FAILURES_IN_A_ROW) {
          return { type: 'gave-up', reason: `${count} events in a row were not taken, the last one because ${reason}` };
        }
      }
    }
    await this.save(await sink.finish?.());
    return { type: 'completed' };
  }

  /** Hands over a batch and saves; what was told before a failure is saved all the same. */
  private async handOver(batch: readonly ReplayItem[]): Promise<void> {
    const { job, sink, signal, checkMine } = this.run;
    const events = batch.flatMap(({ event }) => (event ? [asReplayed(event, job.id)] : []));
    await waitFor(this.pace.take(events.length), signal);
    checkMine();
    const before = this.progress.done;
    try {
      await this.tell(batch, events.length > 0 ? sink.deliver(events, signal) : nothing());
    } finally {
      if (this.progress.done > before || this.isSaveDue()) await this.save(await sink.checkpoint?.());
    }
    signal.throwIfAborted();
  }

  /** Counts outcomes as they come in; stops where they end, or where too many in a row are failures. */
  private async tell(batch: readonly ReplayItem[], outcomes: AsyncIterable<ReplayOutcome>): Promise<void> {
    const { sink } = this.run;
    const told = outcomes[Symbol.asyncIterator]();
    try {
      for (const { position, event, damage } of batch) {
        if (event) {
          const { done, value } = await told.next();
          if (done) return;
          this.progress.settle(position, event.messageId, value);
        } else if (damage !== undefined) this.progress.settle(position, undefined, { failure: damage });
        else this.progress.pass(position);
        if (this.progress.failuresInARow.count >= MAX_FAILURES_IN_A_ROW) return;
        if (this.isSaveDue()) await this.save(await sink.checkpoint?.());
      }
    } finally {
      await told.return?.();
    }
  }

  private isSaveDue(): boolean {
    return this.run.nowMs() - this.savedAtMs >= SAVE_EVERY_MS;
  }

  private async save(state: ReplaySinkState | undefined): Promise<void> {
    const { job, source } = this.run;
    const update = this.progress.snapshot();
    this.rate.add(this.progress.done - this.counted);
    this.counted = this.progress.done;
    const rate = this.rate.perSecond();
    const eta = etaMs(job.total - this.progress.done, rate);
    await this.run.save({ ...update, ...state, rate, ...(eta !== undefined && { etaMs: eta }) });
    this.savedAtMs = this.run.nowMs();
    source.settle(update.checkpoint);
  }
}

/** Items from `at` on that hold at most `count` events. */
function firstEvents(items: readonly ReplayItem[], at: number, count: number): readonly ReplayItem[] {
  let events = 0;
  let end = at;
  while (end < items.length && (items[end]!.event === undefined || events < count)) {
    if (items[end++]!.event) events++;
  }
  return items.slice(at, end);
}

async function* nothing(): AsyncGenerator<ReplayOutcome, void, undefined> {}
