import { isAnnalsError } from '../error/annals-error.ts';
import type { Position, RecordedEvent } from '../event/event-message.ts';
import type { Logger } from '../logging/logger.ts';
import type { Clock } from '../time/clock.ts';
import { type Checkpoint, advance, sameCheckpoint } from './checkpoint.ts';
import type { Projection } from './define-projection.ts';
import { batchesOf } from './event-batches.ts';
import { paused } from './paused.ts';
import type { ProjectedStore } from './projected-store.ts';
import { eventsBehind } from './projection-progress.ts';
import { type Generation, type ProjectionSink, isCheckpointMoved, isCommitTooLarge } from './projection-sink.ts';

export interface GenerationRunOptions<Context> {
  readonly store: ProjectedStore;
  readonly projection: Projection<Context>;
  readonly sink: ProjectionSink<Context>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Called when the checkpoint has moved, or an event could not be handled. */
  readonly onChange: () => void;
}

/** Why the run stands still. */
export interface RunFailure {
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
  readonly position?: Position;
}

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** Before it is looked up where another process has moved the checkpoint to. */
const MOVED_PAUSE_MS = 50;
/** How often the checkpoint follows a log in which nothing is wanted. */
const CREEP_MS = 500;

/** Brings one generation of a read model up to the log and keeps it there, until it is stopped. */
export class GenerationRun<Context> {
  private readonly stopping = new AbortController();
  private readonly running: Promise<void>;
  private current: Checkpoint;
  private lastFailure: RunFailure | undefined;
  private failures = 0;
  private handledCount = 0;
  private committing: Promise<unknown> = Promise.resolve();
  private failedAt: Position | undefined;
  private creeps = false;
  /** Set when the sink's checkpoint turned out to be another than this run knows. */
  private moved = false;
  private isGone = false;

  constructor(
    private readonly options: GenerationRunOptions<Context>,
    readonly generation: Generation,
  ) {
    this.current = generation.checkpoint;
    this.running = this.run();
  }

  get checkpoint(): Checkpoint {
    return this.current;
  }

  /** Events since the run began. */
  get handled(): number {
    return this.handledCount;
  }

  /** Undefined when the last try succeeded. */
  get failure(): RunFailure | undefined {
    return this.lastFailure;
  }

  /** True when the sink no longer has the generation: another process has put another in its place. */
  get gone(): boolean {
    return this.isGone;
  }

  /** Finishes the batch in hand. */
  async stop(): Promise<void> {
    this.stopping.abort(new Error('the projection stops'));
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted && !this.isGone) {
      try {
        await this.followOn();
        await paused(MOVED_PAUSE_MS, signal);
      } catch (error) {
        if (signal.aborted) break;
        if (!this.moved) await (isCheckpointMoved(error) ? this.reload() : this.fail(error));
      }
      if (this.moved) await this.reload();
    }
    await this.committing;
  }

  private async followOn(): Promise<void> {
    const { store, projection } = this.options;
    const leaving = new AbortController();
    // A store that waits for its next event hears of nothing but its signal.
    const leave = (): void => leaving.abort(new Error('the projection begins anew'));
    this.stopping.signal.addEventListener('abort', leave);
    const creeping = setInterval(() => void this.creep(leave), CREEP_MS);
    const from = this.current.length === 0 ? 'beginning' : { after: this.current };
    try {
      const events = store.follow(projection.filter, { from, signal: leaving.signal });
      for await (const batch of batchesOf(events, projection.batchSize)) {
        try {
          await this.write(batch);
        } catch (error) {
          leave();
          throw error;
        }
      }
    } finally {
      clearInterval(creeping);
      this.stopping.signal.removeEventListener('abort', leave);
    }
  }

  private async write(events: readonly RecordedEvent[]): Promise<void> {
    const { handleBatch } = this.options.projection;
    if (handleBatch) {
      try {
        return await this.commit(events, async (context) => {
          await handleBatch(events, context);
        });
      } catch (error) {
        if (isCheckpointMoved(error)) throw error;
        // `handle` will tell which of them it is.
      }
    }
    await this.writeOneByOne(events);
  }

  /** Writes what comes before an event that fails, so that only that one is tried again. */
  private async writeOneByOne(events: readonly RecordedEvent[]): Promise<void> {
    const { handle } = this.options.projection;
    let failed: number | undefined;
    try {
      await this.commit(events, async (context) => {
        for (const [i, event] of events.entries()) {
          failed = i;
          await handle(event, context);
        }
        failed = undefined;
      });
    } catch (error) {
      if (isCheckpointMoved(error)) throw error;
      if (isCommitTooLarge(error) && events.length > 1) return this.writeHalves(events);
      if (failed) await this.writeOneByOne(events.slice(0, failed));
      const isKnown = failed !== undefined || events.length === 1;
      this.failedAt = isKnown ? events[failed ?? 0]!.position : undefined;
      throw error;
    }
  }

  private async writeHalves(events: readonly RecordedEvent[]): Promise<void> {
    const middle = Math.ceil(events.length / 2);
    await this.writeOneByOne(events.slice(0, middle));
    await this.writeOneByOne(events.slice(middle));
  }

  private async commit(events: readonly RecordedEvent[], work: (context: Context) => Promise<void>): Promise<void> {
    const { projection, sink, onChange } = this.options;
    await this.exclusively(async () => {
      const from = this.current;
      const to = events.reduce((checkpoint, { position }) => advance(checkpoint, position), from);
      await sink.commit(projection.name, this.generation.number, from, to, work);
      this.current = to;
      this.handledCount += events.length;
      this.failures = 0;
      this.lastFailure = undefined;
      onChange();
    });
  }

  /**
   * Moves the checkpoint over events that are not wanted: what was appended is then known to be in the read model, and a
   * restart does not look through them again.
   */
  private async creep(leave: () => void): Promise<void> {
    const { store, projection, sink, onChange } = this.options;
    if (this.creeps || this.stopping.signal.aborted) return;
    this.creeps = true;
    try {
      await this.exclusively(async () => {
        const from = this.current;
        const to = (await store.heads()).reduce(advance, from);
        if (sameCheckpoint(from, to) && !this.lastFailure) return;
        // Everything up to that head was stored before it is counted: none left means that none is passed over.
        if ((await eventsBehind(store, projection.filter, from)) > 0) return;
        if (!sameCheckpoint(from, to)) {
          await sink.commit(projection.name, this.generation.number, from, to, async () => {});
        }
        this.current = to;
        // Nothing is left that could fail: what failed was not the events.
        this.lastFailure = undefined;
        this.failures = 0;
        onChange();
      });
    } catch (error) {
      if (isCheckpointMoved(error)) {
        // Not read anew here: a batch in hand would begin from a place that it does not know.
        this.moved = true;
        leave();
      }
      this.options.logger.debug('a projection could not follow the head of the log', { name: projection.name, error });
    } finally {
      this.creeps = false;
    }
  }

  /** One commit at a time: each begins where the last one ended. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.committing.then(work, work);
    this.committing = done.catch(() => {});
    return done;
  }

  private async reload(): Promise<void> {
    this.moved = false;
    const { projection, sink } = this.options;
    await paused(MOVED_PAUSE_MS, this.stopping.signal);
    try {
      const generations = await sink.generations(projection.name);
      const mine = generations.find(({ number }) => number === this.generation.number);
      if (mine) this.current = mine.checkpoint;
      else this.isGone = true;
    } catch (error) {
      await this.fail(error);
    }
  }

  private async fail(error: unknown): Promise<void> {
    const { projection, clock, logger, onChange } = this.options;
    const position = this.failedAt ?? positionOf(error);
    this.failedAt = undefined;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.lastFailure = { message, at: new Date(clock.now()).toISOString(), ...(position && { position }) };
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    const isPassing = isAnnalsError(error) && error.retryable;
    logger[isPassing ? 'warn' : 'error'](
      `projection ${projection.name} stands still, another try follows in ${pauseMs} ms`,
      { position, error },
    );
    onChange();
    await paused(pauseMs, this.stopping.signal);
  }
}

/** Errors of reading name the place themselves. */
function positionOf(error: unknown): Position | undefined {
  return typeof error === 'object' && error !== null ? (error as { position?: Position }).position : undefined;
}
