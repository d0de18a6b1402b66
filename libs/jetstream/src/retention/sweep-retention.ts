import type { FinishedSweep } from './retention-record.ts';
import { type SweepOptions, type SweepParts, sweepTimes } from './sweep-options.ts';
import { StreamSweep, SweepOvertaken } from './sweep-stream.ts';
import { takeSweeperLease } from './sweeper-lease.ts';

/** What a sweep did to one stream. */
export interface SweptStream extends FinishedSweep {
  readonly stream: string;
}

/** What became of a sweep. */
export type SweepOutcome =
  | { readonly state: 'finished'; readonly streams: readonly SweptStream[] }
  /** Another process sweeps, or took over. */
  | { readonly state: 'busy'; readonly streams: readonly SweptStream[] };

/**
 * Removes events that are older than the options say from all streams, never the newest event of an aggregate. Of an
 * aggregate the oldest events go first, so that only its beginning is ever missing. One process at a time sweeps; a sweep
 * that was interrupted is gone on with by the next.
 *
 * Appends and reads go on meanwhile.
 *
 * @throws ValidationError; StoreUnavailable; the reason of `options.signal`
 * @example
 * const outcome = await sweepRetention(parts, { days: 90 });
 * if (outcome.state === 'finished') console.log(outcome.streams.map(({ stream, removed }) => `${stream}: ${removed}`));
 */
export async function sweepRetention(parts: SweepParts, options: SweepOptions): Promise<SweepOutcome> {
  const { topology, records, clock, logger } = parts;
  const times = sweepTimes(options, clock.now());
  options.signal?.throwIfAborted();
  const lease = await takeSweeperLease(records.bucket, topology.defaultBinding.name);
  if (!lease) return { state: 'busy', streams: [] };
  const signal = options.signal ? AbortSignal.any([options.signal, lease.lost]) : lease.lost;
  const streams: SweptStream[] = [];
  try {
    for (const binding of topology.bindings) {
      const sweep = new StreamSweep(parts, binding, { ...times, erase: options.erase ?? false, signal });
      const finished = await sweep.run();
      streams.push({ stream: binding.name, ...finished });
      const { removed, kept, through } = finished;
      if (removed > 0) logger.info(`retention removed ${removed} events of stream ${binding.name}`, { kept, through });
    }
    return { state: 'finished', streams };
  } catch (error) {
    options.signal?.throwIfAborted();
    if (!(error instanceof SweepOvertaken) && !lease.lost.aborted) throw error;
    logger.warn('retention: another process took over the sweep');
    return { state: 'busy', streams };
  } finally {
    await lease.release().catch(() => undefined);
  }
}
