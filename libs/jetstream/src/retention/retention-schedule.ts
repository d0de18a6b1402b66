import { type SweepOptions, type SweepParts, sweepTimes } from './sweep-options.ts';
import { sweepRetention } from './sweep-retention.ts';

export interface RetentionScheduleOptions {
  /** Events recorded longer ago go; above 0. */
  readonly days: number;
  /** Milliseconds between two sweeps; one hour unless given, at least a second. */
  readonly everyMs?: number | undefined;
  readonly settleMs?: SweepOptions['settleMs'];
  readonly erase?: boolean | undefined;
}

/** Sweeps again and again until it is closed. */
export interface RetentionSchedule {
  /** Ends the sweep in hand; resolves when nothing more is removed. Calling it twice is harmless. */
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const MIN_EVERY_MS = 1_000;

/**
 * Sweeps at once and then at every full interval since the start, however long a sweep takes. Where several processes
 * do so, each interval is swept by one of them, by the shortest of their retentions. What fails is logged and tried again at the next interval.
 *
 * @throws ValidationError at once
 */
export function startRetentionSweep(parts: SweepParts, options: RetentionScheduleOptions): RetentionSchedule {
  sweepTimes(options, parts.clock.now());
  const everyMs = Math.max(options.everyMs ?? HOUR_MS, MIN_EVERY_MS);
  const startedAt = performance.now();
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let sweeping: Promise<void> = Promise.resolve();

  const sweep = async (): Promise<void> => {
    try {
      const { days, settleMs, erase } = options;
      const age = { days, settleMs };
      if (await sweptLately(parts, sweepTimes(age, parts.clock.now()).cutoffMs - everyMs / 2)) return;
      await sweepRetention(parts, { ...age, erase, signal: abort.signal });
    } catch (error) {
      if (!abort.signal.aborted) parts.logger.warn('the retention sweep failed, the next one goes on', { error });
    }
  };
  const run = (): void => {
    sweeping = sweep().then(() => {
      if (abort.signal.aborted) return;
      const elapsedMs = performance.now() - startedAt;
      timer = setTimeout(run, everyMs - (elapsedMs % everyMs));
      timer.unref();
    });
  };
  run();

  return {
    async close() {
      abort.abort(new Error('the retention schedule was closed'));
      clearTimeout(timer);
      await sweeping;
    },
  };
}

/** True when all streams were swept up to this point in time, by whatever process. */
async function sweptLately({ topology, records }: SweepParts, cutoffMs: number): Promise<boolean> {
  for (const { name } of topology.bindings) {
    const swept = (await records.of(name))?.lastSweep?.cutoffMs ?? 0;
    if (swept < cutoffMs) return false;
  }
  return true;
}
