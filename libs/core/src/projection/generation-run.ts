import { isAnnalsError } from '../error/annals-error.ts';
import type { Position, RecordedEvent } from '../event/event-message.ts';
import type { Logger } from '../logging/logger.ts';
import type { EventStore } from '../store/event-store.ts';
import type { Clock } from '../time/clock.ts';
import { type Checkpoint, advance, sameCheckpoint } from './checkpoint.ts';
import type { Projection } from './define-projection.ts';
import { batchesOf } from './event-batches.ts';
import { type Generation, type ProjectionSink, isCheckpointMoved } from './projection-sink.ts';

/** What running projections takes of a store. */
export type ProjectedStore = Pick<EventStore, 'follow' | 'count' | 'status'>;

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
const LONGEST_PAUSE_MS = 60_000;
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
  /** Set while a handler runs. */
  private at: RecordedEvent | undefined;
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
      } catch (error) {
        if (signal.aborted) break;
        if (isCheckpointMoved(error)) await this.reload();
        else await this.fail(error);
      }
    }
    await this.committing.catch(() => {});
  }

  private async followOn(): Promise<void> {
    const { store, projection } = this.options;
    const { signal } = this.stopping;
    const creeping = setInterval(() => void this.creep(), CREEP_MS);
    const from = this.current.length === 0 ? 'beginning' : { after: this.current };
    let carried: readonly RecordedEvent[] = [];
    try {
      for await (const batch of batchesOf(store.follow(projection.filter, { from, signal }), projection.batchSize)) {
        const { whole, open } = wholeEvents([...carried, ...batch]);
        carried = open;
        if (whole.length > 0) await this.write(whole);
      }
    } finally {
      clearInterval(creeping);
    }
  }

  /** Writes what comes before an event that fails, so that only that one is tried again. */
  private async write(events: readonly RecordedEvent[]): Promise<void> {
    try {
      await this.commit(events);
    } catch (error) {
      const failed = this.at;
      const before = failed ? events.filter((event) => precedes(event, failed, events)) : [];
      if (isCheckpointMoved(error) || before.length === 0) throw error;
      await this.commit(before);
      this.at = failed;
      throw error;
    }
  }

  private async commit(events: readonly RecordedEvent[]): Promise<void> {
    const { projection, sink, onChange } = this.options;
    await this.exclusively(async () => {
      const from = this.current;
      const to = events.reduce((checkpoint, { position }) => advance(checkpoint, position), from);
      await sink.commit(projection.name, this.generation.number, from, to, async (context) => {
        for (const event of events) {
          this.at = event;
          await projection.handle(event, context);
        }
        this.at = undefined;
      });
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
  private async creep(): Promise<void> {
    const { store, projection, sink, onChange } = this.options;
    if (this.stopping.signal.aborted || this.lastFailure) return;
    try {
      await this.exclusively(async () => {
        const from = this.current;
        const head = (await store.status()).streams.map(({ name, lastSequence }) => ({
          stream: name,
          sequence: lastSequence,
        }));
        const to = head.reduce(advance, from);
        if (sameCheckpoint(from, to)) return;
        // Everything up to that head was stored before it is counted: none left means that none is passed over.
        if ((await store.count({ ...projection.filter, after: from })) > 0) return;
        await sink.commit(projection.name, this.generation.number, from, to, async () => {});
        this.current = to;
        onChange();
      });
    } catch (error) {
      this.options.logger.debug('a projection could not follow the head of the log', { name: projection.name, error });
    }
  }

  /** One commit at a time: each begins where the last one ended. */
  private exclusively<T>(work: () => Promise<T>): Promise<T> {
    const done = this.committing.then(work, work);
    this.committing = done.catch(() => {});
    return done;
  }

  private async reload(): Promise<void> {
    const { projection, sink } = this.options;
    const generations = await sink.generations(projection.name);
    const mine = generations.find(({ number }) => number === this.generation.number);
    if (mine) this.current = mine.checkpoint;
    else this.isGone = true;
  }

  private async fail(error: unknown): Promise<void> {
    const { projection, clock, logger, onChange } = this.options;
    const position = this.at?.position ?? (error as { position?: Position }).position;
    this.at = undefined;
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    this.lastFailure = { message, at: new Date(clock.now()).toISOString(), ...(position && { position }) };
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.failures++);
    const isPassing = isAnnalsError(error) && error.retryable;
    logger[isPassing ? 'warn' : 'error'](
      `projection ${projection.name} stands still, another try follows in ${pauseMs} ms`,
      {
        position,
        error,
      },
    );
    onChange();
    await paused(pauseMs, this.stopping.signal);
  }
}

/** Splits off the parts of a stored event whose last part has not come yet: a checkpoint must not lie between them. */
function wholeEvents(events: readonly RecordedEvent[]): {
  readonly whole: readonly RecordedEvent[];
  readonly open: readonly RecordedEvent[];
} {
  const last = events.at(-1)?.part;
  if (!last || last.index === last.of) return { whole: events, open: [] };
  const cut = events.length - last.index;
  return { whole: events.slice(0, cut), open: events.slice(cut) };
}

/** True for the events of a list before the one that failed, and not of the same stored event. */
function precedes(event: RecordedEvent, failed: RecordedEvent, events: readonly RecordedEvent[]): boolean {
  const first = events.findIndex(
    ({ position }) => position.stream === failed.position.stream && position.sequence === failed.position.sequence,
  );
  return events.indexOf(event) < first;
}

/** @returns earlier when the signal is aborted */
export function paused(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
