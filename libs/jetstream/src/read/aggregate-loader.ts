import {
  type AggregateRef,
  type LoadedAggregate,
  type RecordedEvent,
  ResultTooLarge,
  ValidationError,
  checkAggregate,
} from '@annals/core';
import { AggregateCache, type CachedAggregate } from './aggregate-cache.ts';
import type { AggregateReader } from './aggregate-reader.ts';
import type { AggregateSource } from './aggregate-source.ts';
import { Coalesced } from './coalesced.ts';
import { deepFreeze } from './deep-freeze.ts';

/** Events that `load` gives at most unless told otherwise. */
export const DEFAULT_MAX_EVENTS = 10_000;
/** Versions after the known ones that the first request looks for: to the server a few cost as much as one. */
const TAIL_VERSIONS = 4;
/** An event of the store's own that takes data back from an earlier event. */
const REDACTION_TYPE = 'annals.event.redacted';

/** Loads aggregates whole, at the cost of one small request where nothing is new since the last time. */
export class AggregateLoader {
  private readonly cache: AggregateCache;
  private readonly flights = new Coalesced<CachedAggregate | undefined>();

  /** @param cacheBytes of bodies that the cache holds; 0 turns it off */
  constructor(
    private readonly reader: AggregateReader,
    cacheBytes: number,
  ) {
    this.cache = new AggregateCache(cacheBytes);
  }

  /**
   * See `EventStore.load`. The result is frozen with all that it holds, cached or not: a caller that wants to change an
   * event takes a copy.
   */
  async load(
    ref: AggregateRef,
    options: { readonly cache?: boolean; readonly maxEvents?: number } = {},
  ): Promise<LoadedAggregate> {
    const source = this.reader.source(checkAggregate(ref));
    const { cache = true, maxEvents = DEFAULT_MAX_EVENTS } = options;
    if (!Number.isSafeInteger(maxEvents) || maxEvents < 1) {
      throw new ValidationError([{ path: 'maxEvents', message: 'must be a whole number from 1' }]);
    }
    const loaded = cache
      ? await this.flights.run(`${maxEvents} ${source.prefix}`, () => this.loadCached(source, maxEvents))
      : await this.readWhole(source, maxEvents);
    if (!loaded) return { version: 0, events: NO_EVENTS };
    const { events, retainedFromVersion } = loaded;
    const version = events.at(-1)!.version!;
    return retainedFromVersion === undefined ? { version, events } : { version, events, retainedFromVersion };
  }

  private async loadCached(source: AggregateSource, maxEvents: number): Promise<CachedAggregate | undefined> {
    const { prefix } = source;
    const known = this.cache.get(prefix);
    const loaded =
      (known && (await this.extend(source, known, maxEvents))) ?? (await this.readWhole(source, maxEvents));
    if (loaded && loaded !== known) this.cache.put(prefix, loaded);
    return loaded;
  }

  /** What is known with what came after it; undefined when it must be read anew. */
  private async extend(
    source: AggregateSource,
    known: CachedAggregate,
    maxEvents: number,
  ): Promise<CachedAggregate | undefined> {
    const last = ofAtMost(maxEvents, known).events.at(-1)!;
    const next = last.version! + 1;
    const { knownSequence } = source;
    const needed = knownSequence > last.position.sequence ? knownSequence : 0;
    const tail = await source.versions(next, next + TAIL_VERSIONS - 1, needed);
    if (tail.events.length === 0) return known;
    const { length } = tail.events;
    const isAll = !tail.cut && length < TAIL_VERSIONS && tail.events[length - 1]!.version === next + length - 1;
    const added = isAll ? tail : await this.readFrom(source, next, maxEvents + 1 - known.events.length);
    if (added.events.some(({ type }) => type === REDACTION_TYPE)) {
      this.cache.drop(source.prefix);
      return undefined;
    }
    return ofAtMost(maxEvents, {
      events: Object.freeze([...known.events, ...deepFreeze(added.events)]),
      bytes: known.bytes + added.bytes,
      retainedFromVersion: known.retainedFromVersion,
    });
  }

  private async readWhole(source: AggregateSource, maxEvents: number): Promise<CachedAggregate | undefined> {
    const { events, bytes, retainedFromVersion } = await this.readFrom(source, 1, maxEvents + 1);
    if (events.length === 0) return undefined;
    return ofAtMost(maxEvents, { events: deepFreeze(events), bytes, retainedFromVersion });
  }

  private async readFrom(source: AggregateSource, fromVersion: number, limit: number) {
    const events: RecordedEvent[] = [];
    const before = source.bytesRead;
    const chunks = this.reader.chunksOf(source, { fromVersion, limit: Math.max(1, limit) });
    for await (const chunk of chunks.read()) for (const event of chunk) events.push(event);
    return { events, bytes: source.bytesRead - before, retainedFromVersion: chunks.retainedFromVersion };
  }
}

const NO_EVENTS: readonly RecordedEvent[] = Object.freeze([]);

function ofAtMost(maxEvents: number, aggregate: CachedAggregate): CachedAggregate {
  if (aggregate.events.length > maxEvents) throw new ResultTooLarge(maxEvents, 'readAggregate');
  return aggregate;
}
