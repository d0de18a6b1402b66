import { CorruptEvent, type RecordedEvent, type ResolvedAggregateRef } from '@annals/core';
import { aggregatePrefix, filterOf, versionFilter, versionInSubject } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { FreshReader } from './fresh-reader.ts';
import type { HeadReader, StreamHead } from './head-reader.ts';
import type { LeaderReader } from './leader-reader.ts';
import type { KnownSequences } from './read-ports.ts';
import { type StoredMessage, checkVersion, storedEvent } from './stored-message.ts';

/** A run of an aggregate's events as they were found. */
export interface FoundEvents {
  /** Ascending versions. */
  readonly events: readonly RecordedEvent[];
  /** Of their bodies. */
  readonly bytes: number;
  /** True when the answer was full and more is to be had. */
  readonly cut: boolean;
}

/** What a request for the whole aggregate found. */
export type WholeAggregate =
  | (FoundEvents & { readonly outcome: 'found' })
  /** `too-many`: more events than one request gives; `stale`: no replica had all that is known to be stored. */
  | { readonly outcome: 'none' | 'too-many' | 'stale' };

/** One answer holds at most this many bytes: what is asked for beyond is asked for again. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
const LEADER_REQUESTS = 16;

/** The stored events of one aggregate, however they are to be got at. */
export class AggregateSource {
  readonly prefix: string;
  /** Of all bodies that were read so far. */
  bytesRead = 0;

  constructor(
    private readonly fresh: FreshReader,
    private readonly leader: LeaderReader,
    private readonly heads: HeadReader,
    private readonly known: KnownSequences,
    readonly binding: StreamBinding,
    readonly ref: ResolvedAggregateRef,
  ) {
    this.prefix = aggregatePrefix(binding.prefix, ref);
  }

  /** The sequence that an answer must cover to hold what this process knows of the aggregate. */
  get knownSequence(): number {
    return this.known.ofAggregate(this.binding.name, this.prefix);
  }

  /** @throws StoreUnavailable, CorruptEvent */
  head(): Promise<StreamHead | undefined> {
    return this.heads.head(this.binding, this.prefix);
  }

  /**
   * Everything in one request: by far the cheapest way, as long as the aggregate is small enough.
   *
   * @throws StoreUnavailable, CorruptEvent
   */
  async whole(): Promise<WholeAggregate> {
    const run = new Run(this);
    const filters = [filterOf(this.prefix)];
    const answer = await this.fresh.newest(
      this.binding.name,
      filters,
      this.knownSequence,
      (message) => run.take(message),
      MAX_ANSWER_BYTES,
    );
    if (!answer) return { outcome: 'stale' };
    if (answer.outcome !== 'found') return { outcome: answer.outcome };
    return { outcome: 'found', cut: answer.cut, events: inVersionOrder(answer.messages), bytes: run.bytes };
  }

  /**
   * What is stored of the versions `from` to `to`, asked for one by one: costs what these events cost, however long the
   * aggregate is. Large events may fill the answer before the end; then it is cut, behind an event.
   *
   * @param neededSequence as in `FreshReader`
   * @throws StoreUnavailable, CorruptEvent
   */
  async versions(from: number, to: number, neededSequence: number): Promise<FoundEvents> {
    const run = new Run(this);
    const filters: string[] = [];
    for (let version = from; version <= to; version++) filters.push(versionFilter(this.prefix, version));
    const answer = await this.fresh.newest(
      this.binding.name,
      filters,
      neededSequence,
      (message) => run.take(message),
      MAX_ANSWER_BYTES,
    );
    if (!answer) return this.versionsByLeader(from, to);
    return { events: inVersionOrder(answer.messages), bytes: run.bytes, cut: answer.cut };
  }

  /** The one event of a version as the leader has it, or undefined. */
  async versionByLeader(version: number): Promise<RecordedEvent | undefined> {
    return (await this.versionsByLeader(version, version)).events[0];
  }

  /** The event that was stored first of those that are left, whatever its version. Looks through the stream. */
  async firstByLeader(): Promise<RecordedEvent | undefined> {
    const query = { seq: 1, next_by_subj: filterOf(this.prefix) };
    const message = await this.leader.message(this.binding.name, query);
    return message && new Run(this).take(message);
  }

  private async versionsByLeader(from: number, to: number): Promise<FoundEvents> {
    const run = new Run(this);
    const head = await this.head();
    const last = Math.min(to, head?.version ?? 0);
    const events: RecordedEvent[] = [];
    let next = from;
    while (next <= last && run.bytes < MAX_ANSWER_BYTES) {
      const count = Math.min(LEADER_REQUESTS, last - next + 1);
      const messages = await Promise.all(
        Array.from({ length: count }, (_, i) =>
          this.leader.message(this.binding.name, { last_by_subj: versionFilter(this.prefix, next + i) }),
        ),
      );
      for (const message of messages) if (message) events.push(run.take(message));
      next += count;
    }
    return { events, bytes: run.bytes, cut: next <= last };
  }
}

/** Turns messages of an aggregate into events and counts their bytes. */
class Run {
  bytes = 0;

  constructor(private readonly source: AggregateSource) {}

  take(message: StoredMessage): RecordedEvent {
    const event = storedEvent(message);
    const version = checkVersion(versionInSubject(message.subject, this.source.prefix), message);
    if (event.version !== version) {
      const { stream, sequence, subject } = message;
      throw new CorruptEvent({ stream, sequence }, subject, `its body says version ${event.version}`);
    }
    this.bytes += message.body.length;
    this.source.bytesRead += message.body.length;
    return event;
  }
}

/** Sequences ascend with versions unless events were put back from elsewhere; only then there is something to sort. */
function inVersionOrder(events: readonly RecordedEvent[]): readonly RecordedEvent[] {
  for (let i = 1; i < events.length; i++) {
    if (events[i]!.version! > events[i - 1]!.version!) continue;
    const sorted = [...events].sort((a, b) => a.version! - b.version!);
    const twice = sorted.findIndex((event, at) => event.version === sorted[at + 1]?.version);
    if (twice < 0) return sorted;
    const { position, version } = sorted[twice + 1]!;
    throw new CorruptEvent(position, `version ${version}`, 'the aggregate has two events of this version');
  }
  return events;
}
