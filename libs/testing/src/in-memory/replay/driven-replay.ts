import { type ReplaySink, type ReplayJob, isReplayOver, runReplay, sampleReplay } from '@annals/core';
import type { EventLog } from '../event-log.ts';
import type { KeptJob } from './in-memory-replays.ts';
import type { InMemoryTargets } from './in-memory-targets.ts';
import { partSource } from './replay-part.ts';

interface DrivenReplayParts {
  readonly log: EventLog;
  readonly targets: InMemoryTargets;
  readonly now: () => string;
  readonly count: () => number;
}

/** A job that is being driven. */
export class DrivenReplay {
  readonly #stopping = new AbortController();
  ended: Promise<void> = Promise.resolve();

  constructor(
    private readonly kept: KeptJob,
    private readonly parts: DrivenReplayParts,
  ) {}

  /** @param before fulfilled when the job's former driver has let it go */
  start(before: Promise<void> | undefined): Promise<void> {
    this.ended = this.#drive(before).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#end('failed', { lastError: (error as Error).message });
    });
    return this.ended;
  }

  /** Ends behind the batch in hand. */
  stop(reason: Error): Promise<void> {
    this.#stopping.abort(reason);
    return this.ended;
  }

  async #drive(before: Promise<void> | undefined): Promise<void> {
    await before;
    const { signal } = this.#stopping;
    // Not at once: whoever starts a job sees it pending, as where another process drives it.
    await new Promise(setImmediate);
    signal.throwIfAborted();
    const { log, targets, now, count } = this.parts;
    const { job } = this.kept;
    this.#change({ state: 'running', startedAt: job.startedAt ?? now(), total: count() });
    const source = partSource(log, this.kept.part, job.checkpoint[0]?.sequence ?? 0);
    if (job.dryRun) return this.#end('completed', await sampleReplay(this.kept.job, source, signal));
    let sink: ReplaySink | undefined;
    try {
      sink = await targets.open(this.kept.job);
      const end = await runReplay({
        job: this.kept.job,
        source,
        sink,
        save: async (update) => this.#change(update),
        checkMine: () => signal.throwIfAborted(),
        nowMs: () => performance.now(),
        signal,
      });
      if (end.type === 'completed') this.#end('completed', {});
      else this.#end('paused', { lastError: `${end.reason}: resume the replay when the target is well again` });
    } finally {
      await sink?.close();
    }
  }

  #end(state: ReplayJob['state'], update: Partial<ReplayJob>): void {
    if (this.#isHalted()) return this.#change(update);
    const finished = isReplayOver(state) ? { finishedAt: this.parts.now() } : {};
    this.#change({ ...update, ...finished, state, rate: 0 });
  }

  /** A job that was paused or cancelled meanwhile stays so. */
  #change(update: Partial<ReplayJob>): void {
    const { etaMs: _, ...job } = this.kept.job;
    const { etaMs, ...changes } = update;
    const halted = this.#isHalted();
    this.kept.job = {
      ...job,
      ...changes,
      ...(halted ? { state: job.state, rate: 0 } : etaMs !== undefined && { etaMs }),
      updatedAt: this.parts.now(),
    };
  }

  #isHalted(): boolean {
    const { state } = this.kept.job;
    return state === 'paused' || isReplayOver(state);
  }
}
