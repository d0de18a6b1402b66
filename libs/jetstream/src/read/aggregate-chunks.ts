import {
  CorruptAggregate,
  type Direction,
  type ReadAggregateOptions,
  type RecordedEvent,
  StoreUnavailable,
} from '@annals/core';
import type { AggregateSource, FoundEvents } from './aggregate-source.ts';
import { checkNothingBefore, explainMissing, firstRetainedVersion } from './missing-versions.ts';
import type { RetentionRecords } from './read-ports.ts';
import { VersionPlan, type VersionRange, limitedRange } from './version-plan.ts';

/** Events of a range in ascending versions, and what of the range is still to be read. */
interface Chunk {
  readonly events: readonly RecordedEvent[];
  readonly bytes: number;
  readonly rest: VersionRange | undefined;
}

/** Up to so many events are asked for by version even from the start: the whole aggregate might be far longer. */
const FEW = 64;
/** Versions in one request: a Direct Get holds the stream's lock, and larger ones are no faster (10,000 events: 64 ms). */
const CHUNK_VERSIONS = 500;
const CHUNK_BYTES = 1024 * 1024;
/** Chunks on the way or waiting, beside the one that is being consumed. */
const CHUNKS_AHEAD = 3;

/** Reads one aggregate in chunks, in the direction asked for. */
export class AggregateChunks {
  private readonly from: number;
  private readonly to: number;
  private readonly limit: number;
  private readonly direction: Direction;
  /** Set once it is known that retention took the versions before it. */
  retainedFromVersion: number | undefined;

  constructor(
    private readonly source: AggregateSource,
    private readonly retention: RetentionRecords,
    private readonly isReplicated: boolean,
    options: Pick<ReadAggregateOptions, 'fromVersion' | 'toVersion' | 'limit' | 'direction'>,
  ) {
    this.from = options.fromVersion ?? 1;
    this.to = options.toVersion ?? Number.MAX_SAFE_INTEGER;
    this.limit = options.limit ?? Number.MAX_SAFE_INTEGER;
    this.direction = options.direction ?? 'forwards';
  }

  /** @throws CorruptAggregate, CorruptEvent, StoreUnavailable */
  async *read(): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    let { from } = this;
    let delivered = 0;
    if (this.wantsFew() && !(await this.retention.hasTaken(this.source.binding.name))) {
      const few = await this.readFew();
      if (few) return void (yield this.inDirection(few));
    } else if (from === 1) {
      const whole = await this.readWhole();
      if (whole === 'nothing') return;
      if (whole) {
        const { events, cut } = whole;
        const { from: first, to: last } = limitedRange(events[0]!.version!, this.to, this.limit, this.direction);
        if (!cut) return void (yield this.inDirection(ofRange(events, this.wholeRange(events))));
        if (this.direction === 'forwards') {
          const part = ofRange(events, { from: first, to: last });
          yield part;
          if (part.length < events.length) return;
          delivered = part.length;
          from = events.at(-1)!.version! + 1;
        }
      }
    }
    yield* this.readByVersion(from, delivered);
  }

  private wantsFew(): boolean {
    const { from, to } = this.boundRange();
    return to - from < (from === 1 ? FEW : CHUNK_VERSIONS);
  }

  /** The wanted range as far as the options tell it without knowing the head. */
  private boundRange(): VersionRange {
    const openBackwards = this.direction === 'backwards' && this.to === Number.MAX_SAFE_INTEGER;
    if (openBackwards) return { from: this.from, to: this.to };
    return limitedRange(this.from, this.to, this.limit, this.direction);
  }

  /** All of a short range in one request; undefined when something of it is not there, which only the head explains. */
  private async readFew(): Promise<readonly RecordedEvent[] | undefined> {
    const { from, to } = this.boundRange();
    const { events } = await this.source.versions(from, to, this.source.knownSequence);
    return events.length === to - from + 1 ? events : undefined;
  }

  /** The whole aggregate in one request; undefined when that does not do. */
  private async readWhole(): Promise<FoundEvents | 'nothing' | undefined> {
    const whole = await this.source.whole();
    if (whole.outcome === 'none') return 'nothing';
    if (whole.outcome !== 'found') return undefined;
    const { events } = whole;
    const first = events[0]!.version!;
    const hole = firstHole(events, first);
    // Of several replicas one may be damaged: the way by versions asks the leader before it gives up.
    if (hole !== undefined && this.isReplicated) return undefined;
    if (hole !== undefined) throw new CorruptAggregate(this.source.ref, hole, events[hole - first]!.version!);
    if (first > 1) {
      if (!(await this.retention.hasTaken(this.source.binding.name))) {
        if (this.isReplicated) return undefined;
        throw new CorruptAggregate(this.source.ref, 1, first);
      }
      this.retainedFromVersion = first;
    }
    return whole;
  }

  private wholeRange(events: readonly RecordedEvent[]): VersionRange {
    const to = Math.min(this.to, events.at(-1)!.version!);
    return limitedRange(events[0]!.version!, to, this.limit, this.direction);
  }

  private async *readByVersion(
    from: number,
    delivered: number,
  ): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    const { source, retention, direction } = this;
    const head = await source.head();
    if (!head) return;
    const first = await firstRetainedVersion(source, retention, head.version);
    if (first > 1) this.retainedFromVersion = first;
    if (first > from) await checkNothingBefore(source, first);
    if (delivered > 0 && first > from) {
      throw new StoreUnavailable(`retention took version ${from} while it was being read`);
    }
    const to = Math.min(this.to, head.version);
    const range = limitedRange(Math.max(from, first), to, this.limit - delivered, direction);
    const plan = new VersionPlan(range, direction);
    const needed = Math.max(source.knownSequence, head.sequence);
    let size = CHUNK_VERSIONS;
    const ahead: Promise<Chunk>[] = [];
    const ask = (): void => {
      while (ahead.length < CHUNKS_AHEAD) {
        const next = plan.take(size);
        if (!next) return;
        const chunk = this.readChunk(next, head.version, needed);
        // Whoever leaves early awaits it no more.
        chunk.catch(() => {});
        ahead.push(chunk);
      }
    };
    for (ask(); ahead.length > 0;) {
      for (let next: Promise<Chunk> | undefined = ahead.shift(); next;) {
        const { events, bytes, rest } = await next;
        const perEvent = bytes / events.length;
        size = Math.max(1, Math.min(CHUNK_VERSIONS, Math.floor(CHUNK_BYTES / perEvent)));
        ask();
        yield this.inDirection(events);
        next = rest && this.readChunk(rest, head.version, needed);
      }
    }
  }

  /** The events of a range that must all be there, since the head is not below it, or those of them that come first. */
  private async readChunk(wanted: VersionRange, head: number, needed: number): Promise<Chunk> {
    const { source, retention } = this;
    const { events, bytes, cut } = await source.versions(wanted.from, wanted.to, needed);
    if (cut && this.direction === 'backwards') return this.readTop(wanted, events.length, head, needed);
    const to = cut ? events.at(-1)!.version! : wanted.to;
    const rest = cut ? { from: to + 1, to: wanted.to } : undefined;
    if (events.length === to - wanted.from + 1) return { events, bytes, rest };
    const byVersion = new Map(events.map((event) => [event.version!, event]));
    for (let version = wanted.from; version <= to; version++) {
      if (byVersion.has(version)) continue;
      const event = await source.versionByLeader(version);
      if (event) byVersion.set(version, event);
      else await explainMissing(source, retention, version, head);
    }
    return { events: [...byVersion.values()].sort((a, b) => a.version! - b.version!), bytes, rest };
  }

  /** As many of the highest versions of a range as of the lowest fitted into one answer: backwards these are needed first. */
  private async readTop(wanted: VersionRange, fitting: number, head: number, needed: number): Promise<Chunk> {
    const { from, to } = wanted;
    const chunk = await this.readChunk({ from: to - fitting + 1, to }, head, needed);
    return { ...chunk, rest: { from, to: chunk.events[0]!.version! - 1 } };
  }

  private inDirection(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
    return this.direction === 'forwards' ? events : [...events].reverse();
  }
}

/** The events of a range out of events without gaps. */
function ofRange(events: readonly RecordedEvent[], { from, to }: VersionRange): readonly RecordedEvent[] {
  const first = events[0]!.version!;
  if (from <= first && to >= events.at(-1)!.version!) return events;
  return events.slice(Math.max(0, from - first), Math.max(0, to - first + 1));
}

/** The first version that is missing between the first and the last event, or undefined. */
function firstHole(events: readonly RecordedEvent[], first: number): number | undefined {
  if (events.at(-1)!.version! - first + 1 === events.length) return undefined;
  return first + events.findIndex((event, i) => event.version !== first + i);
}
