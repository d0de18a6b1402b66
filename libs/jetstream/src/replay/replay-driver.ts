import {
  type Clock,
  type Logger,
  type ReplaySink,
  type ReplaySource,
  isAnnalsError,
  runReplay,
  sampleReplay,
} from '@annals/core';
import { HeldReplay } from './held-replay.ts';
import { jobOf } from './replay-record.ts';
import type { ReplayReading } from './replay-reading.ts';
import type { ReplayRecords } from './replay-records.ts';
import type { ReplayTargets } from './replay-targets.ts';

export interface ReplayDriverParts {
  readonly records: ReplayRecords;
  readonly reading: ReplayReading;
  readonly targets: ReplayTargets;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How often to look for jobs that nobody drives. */
const POLL_MS = 1_000;
/** Jobs that one process drives at a time; others wait, or another process takes them. */
const MAX_DRIVEN = 8;

/** Drives the store's jobs in this process, those that no other process drives. */
export class ReplayDriver {
  private readonly closing = new AbortController();
  private readonly driven = new Map<string, Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private polling: Promise<void> | undefined;
  private pollAgain = false;

  constructor(private readonly parts: ReplayDriverParts) {}

  start(): void {
    this.timer = setInterval(() => this.wake(), POLL_MS);
    this.timer.unref();
    this.wake();
  }

  /** Looks for jobs at once. */
  wake(): void {
    if (this.closing.signal.aborted) return;
    if (this.polling) {
      this.pollAgain = true;
      return;
    }
    this.polling = this.poll()
      .catch((error: unknown) => this.parts.logger.debug('replays cannot be looked for now', { error }))
      .finally(() => {
        this.polling = undefined;
        if (!this.pollAgain) return;
        this.pollAgain = false;
        this.wake();
      });
  }

  /** Finishes the batches in hand and lets the jobs go, so that other processes take them at once. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    this.closing.abort(new Error('the store is being closed'));
    await this.polling;
    await Promise.all(this.driven.values());
  }

  private async poll(): Promise<void> {
    const { records } = this.parts;
    for (const id of (await records.open()).idle) {
      if (this.closing.signal.aborted || this.driven.size >= MAX_DRIVEN) return;
      if (this.driven.has(id)) continue;
      const driving = this.drive(id)
        .catch((error: unknown) => this.parts.logger.warn('a replay was interrupted', { replay: id, error }))
        .finally(() => this.driven.delete(id));
      this.driven.set(id, driving);
    }
  }

  private async drive(id: string): Promise<void> {
    const { targets, logger } = this.parts;
    const held = await HeldReplay.take(this.parts, id, ({ target }) => targets.canReach(target), this.closing.signal);
    if (!held) return;
    logger.info('a replay is driven by this process', { replay: id, term: held.record.term });
    try {
      await this.toTheEnd(held);
    } catch (error) {
      // Paused, cancelled, lost or closed: said and saved where it happened.
      if (held.signal.aborted) return;
      await this.fail(held, error as Error);
    } finally {
      await held.release();
    }
  }

  private async toTheEnd(held: HeldReplay): Promise<void> {
    const { reading, targets } = this.parts;
    reading.removeDurables(held.record, held.record.term - 1);
    if (!held.record.counted) {
      await held.save({ total: await reading.count(held.record, held.signal), counted: true });
    }
    const source = reading.source(held.record);
    let sink: ReplaySink | undefined;
    try {
      if (held.record.dryRun) {
        return await held.end('completed', await sampleReplay(jobOf(held.record), source, held.signal));
      }
      sink = await targets.open(jobOf(held.record));
      await this.run(held, source, sink);
    } finally {
      source.close();
      await sink?.close();
    }
  }

  private async run(held: HeldReplay, source: ReplaySource, sink: ReplaySink): Promise<void> {
    const end = await runReplay({
      job: jobOf(held.record),
      source,
      sink,
      save: (update) => held.save(update),
      checkMine: () => held.checkMine(),
      nowMs: () => performance.now(),
      signal: held.signal,
    });
    if (end.type === 'completed') return held.end('completed');
    await held.end('paused', { lastError: `${end.reason}: resume the replay when the target is well again` });
  }

  private async fail(held: HeldReplay, error: Error): Promise<void> {
    const { id } = held.record;
    const passing = isAnnalsError(error) && error.retryable;
    this.parts.logger.warn(passing ? 'a replay will go on later' : 'a replay failed', { replay: id, error });
    if (passing) await held.save({ lastError: error.message });
    else await held.end('failed', { lastError: error.message });
  }
}
