import { type AppendPart, type EventStore, MAX_BATCH_EVENTS, type NewEvent } from '@annals/core';
import type { AtomicGroup, EventToLoad } from './event-to-load.ts';
import { KnownHeads } from './known-heads.ts';
import type { LoadProgress, LoadReport } from './load-report.ts';

/** How to load. */
export interface LoadOptions {
  /** Groups are put into one atomic append up to this many events; 500 unless given, at most 1,000. */
  readonly eventsPerAppend?: number | undefined;
  /** Appends that wait for the server at a time; 4 unless given. */
  readonly appendsInFlight?: number | undefined;
  /** Called after every append. */
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Ends the load with the signal's reason; what was appended stays, and another load takes up there. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Appends events through the library: atomic appends of many aggregates each, several in flight, in bounded memory.
 *
 * Every event goes to its own version under its own message id, so an append that is repeated lands once. Events that are
 * stored already are left out: a second load of the same events changes nothing, and one that was broken off is taken up.
 *
 * @throws ConcurrencyError when an aggregate has other events at these versions; what `appendAll` throws
 */
export async function loadEvents(
  store: Pick<EventStore, 'appendAll' | 'currentVersion'>,
  groups: Iterable<AtomicGroup>,
  options: LoadOptions = {},
): Promise<LoadReport> {
  const { eventsPerAppend = 500, appendsInFlight = 4, onProgress, signal } = options;
  const report = new ReportInProgress();
  let heads: KnownHeads | undefined;
  let first = true;
  const inFlight = new Set<Promise<void>>();
  let failed = false;
  let failure: unknown;
  const fail = (error: unknown) => {
    if (!failed) failure = error;
    failed = true;
  };

  try {
    for (const batch of batches(groups, Math.min(eventsPerAppend, MAX_BATCH_EVENTS))) {
      if (signal?.aborted) fail(signal.reason);
      if (failed) break;
      // Appends land in order, so a store without the first event has none of them, and no aggregate needs to be asked for.
      if (first && (await store.currentVersion(batch[0]!.aggregate)) > 0) heads = new KnownHeads(store);
      first = false;
      const missing = heads ? await heads.leaveOutStored(batch) : batch;
      report.alreadyThere += batch.length - missing.length;
      if (missing.length > 0) {
        // Called in order: the store lets appends to one aggregate follow each other.
        const append = store
          .appendAll(partsOf(missing))
          .then(({ repeated }) => report.count(missing, repeated))
          .catch(fail)
          .finally(() => inFlight.delete(append));
        inFlight.add(append);
      }
      if (inFlight.size >= appendsInFlight) await Promise.race(inFlight);
      onProgress?.(report.progress());
    }
  } catch (error) {
    fail(error);
  }
  await Promise.all(inFlight);
  if (failed) throw failure;
  onProgress?.(report.progress());
  return report.finish();
}

/** Whole groups, put together up to `size` events. */
function* batches(groups: Iterable<AtomicGroup>, size: number): Generator<readonly EventToLoad[]> {
  let batch: EventToLoad[] = [];
  for (const group of groups) {
    if (batch.length > 0 && batch.length + group.length > size) {
      yield batch;
      batch = [];
    }
    batch.push(...group);
  }
  if (batch.length > 0) yield batch;
}

/** One part per aggregate, its events in version order. */
function partsOf(events: readonly EventToLoad[]): AppendPart[] {
  const parts = new Map<string, { aggregate: EventToLoad['aggregate']; events: NewEvent[]; expectedVersion: number }>();
  for (const { aggregate, version, event } of events) {
    const key = `${aggregate.type}/${aggregate.id}`;
    const part = parts.get(key);
    if (part) part.events.push(event);
    else parts.set(key, { aggregate, events: [event], expectedVersion: version - 1 });
  }
  return [...parts.values()];
}

class ReportInProgress {
  alreadyThere = 0;
  private appended = 0;
  private readonly byType: Record<string, number> = {};
  private readonly byAggregateType: Record<string, number> = {};

  count(events: readonly EventToLoad[], repeated: boolean): void {
    if (repeated) {
      this.alreadyThere += events.length;
      return;
    }
    this.appended += events.length;
    for (const { aggregate, event } of events) {
      this.byType[event.type] = (this.byType[event.type] ?? 0) + 1;
      this.byAggregateType[aggregate.type] = (this.byAggregateType[aggregate.type] ?? 0) + 1;
    }
  }

  progress(): LoadProgress {
    const { appended, alreadyThere } = this;
    return { done: appended + alreadyThere, appended, alreadyThere };
  }

  finish(): LoadReport {
    return { ...this.progress(), eventTypes: this.byType, aggregateTypes: this.byAggregateType };
  }
}
