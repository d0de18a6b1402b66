import type { Logger } from '../logging/logger.ts';
import type { Checkpoint } from '../projection/checkpoint.ts';
import { paused } from '../projection/paused.ts';
import type { Clock } from '../time/clock.ts';
import type { CheckedRun } from './check-run.ts';
import { type Process, eventTypesOf } from './define-process.ts';
import { processError } from './instance-changes.ts';
import type { ProcessError } from './process-input.ts';
import { ProcessPeriod } from './process-period.ts';
import type { ProcessRecords, PublishedProcess } from './process-records.ts';
import type { ProcessStatus } from './process-status.ts';
import type { ProcessStore } from './process-store.ts';
import type { RunningProcess } from './processes.ts';

export interface ProcessRunnerParts {
  readonly store: ProcessStore;
  readonly records: ProcessRecords;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly status: () => Promise<ProcessStatus>;
  readonly onStop: () => void;
}

/** How often who stands by asks for the turn. */
const TURN_MS = 500;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
const PUBLISH_MS = 250;
const STOP_TIMEOUT_MS = 10_000;

/** Runs a process manager whenever this process has the turn. */
export class ProcessRunner implements RunningProcess {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private period: ProcessPeriod | undefined;
  private lastCheckpoint: Checkpoint = [];
  private error: ProcessError | undefined;
  private failures = 0;
  private publishing: Promise<void> | undefined;
  private stopped: Promise<void> | undefined;

  constructor(
    private readonly parts: ProcessRunnerParts,
    private readonly process: Process,
    private readonly run: CheckedRun,
  ) {}

  get name(): string {
    return this.process.name;
  }

  get isActive(): boolean {
    return this.period !== undefined;
  }

  start(): void {
    this.running = this.loop();
  }

  status(): Promise<ProcessStatus> {
    return this.parts.status();
  }

  stop({ timeoutMs = STOP_TIMEOUT_MS }: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.stopped ??= this.end(timeoutMs);
    return this.stopped;
  }

  /** What is known here, for others. */
  published(): PublishedProcess {
    const { process, period } = this;
    const nextTimerMs = period?.nextTimerMs;
    return {
      name: process.name,
      version: process.version,
      eventTypes: eventTypesOf(process),
      checkpoint: period?.checkpoint ?? this.lastCheckpoint,
      activeInstances: period?.activeInstances ?? 0,
      ...(nextTimerMs !== undefined && { nextTimerAt: new Date(nextTimerMs).toISOString() }),
      ...(this.error && { error: this.error }),
    };
  }

  private async end(timeoutMs: number): Promise<void> {
    this.stopping.abort(new Error('the process stops'));
    this.period?.end();
    const timer = setTimeout(() => this.period?.abandon(), timeoutMs);
    await this.running;
    clearTimeout(timer);
    await this.publishing;
    this.parts.onStop();
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const turn = await this.parts.records.takeTurn(this.name);
        if (!turn) {
          await paused(TURN_MS, signal);
          continue;
        }
        try {
          await this.work(turn);
        } finally {
          await turn
            .release()
            .catch((error: unknown) => this.parts.logger.debug('a turn could not be given back', { error }));
        }
      } catch (error) {
        if (signal.aborted) return;
        await this.fail(error);
      }
    }
  }

  private async work(turn: NonNullable<Awaited<ReturnType<ProcessRecords['takeTurn']>>>): Promise<void> {
    const { store, records, clock, logger } = this.parts;
    const parts = { store, records, process: this.process, run: this.run, turn, clock, logger };
    const onHealthy = (): void => {
      this.failures = 0;
      if (!this.error) return;
      this.error = undefined;
      this.publish();
    };
    const period = new ProcessPeriod(parts, () => this.publish(), onHealthy);
    this.period = period;
    if (this.stopping.signal.aborted) period.end();
    try {
      await period.run();
    } finally {
      this.lastCheckpoint = period.checkpoint;
      await this.publishing;
      if (turn.isHeld) await records.publish(this.published()).catch(() => {});
      this.period = undefined;
    }
  }

  private async fail(error: unknown): Promise<void> {
    const { clock, logger, records } = this.parts;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    this.error = processError(error, clock.now());
    logger.warn(`process ${this.name} stands still, another try follows in ${pauseMs} ms`, { error });
    // Whoever has the turn meanwhile speaks for the process.
    if (!(await records.isRun(this.name).catch(() => true))) await records.publish(this.published()).catch(() => {});
    await paused(pauseMs, this.stopping.signal);
  }

  /** Tells others soon, and not more often than they care. */
  private publish(): void {
    this.publishing ??= (async () => {
      await paused(PUBLISH_MS, this.stopping.signal);
      this.publishing = undefined;
      await this.parts.records.publish(this.published());
    })().catch((error: unknown) => this.parts.logger.debug('a process could not say how it does', { error }));
  }
}
