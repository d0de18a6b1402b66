import {
  type AppendResult,
  type CheckedStart,
  type EventFilter,
  type FollowOptions,
  type RecordedEvent,
  StoreClosed,
  checkFilter,
  checkStart,
  compareTimestamps,
} from '@annals/core';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import { ChunkIterator } from '../read/chunk-iterator.ts';
import { type ChunkSource, deferredSource } from '../read/chunk-source.ts';
import { eventDecoder } from '../read/event-decoder.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { serverFilters } from '../read/server-filters.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { AcknowledgedSequences } from './acknowledged-sequences.ts';
import { FollowCursor } from './follow-cursor.ts';
import { type FollowStart, followStart } from './follow-start.ts';
import { SideBySideSource } from './side-by-side-source.ts';

/** Messages that a cursor asks for at a time, and their bytes. */
const BATCH = 1_000;
const MIN_BATCH = 100;
const BATCH_BYTES = 1024 * 1024;

/** Follows the log: see `EventStore.follow`. */
export class StreamFollower {
  private readonly leader: LeaderReader;
  private readonly acknowledged = new AcknowledgedSequences();
  private readonly sources = new Set<ChunkSource<RecordedEvent>>();
  private closed = false;

  constructor(private readonly dependencies: ReadDependencies) {
    this.leader = new LeaderReader(dependencies.channel);
  }

  /** Passes an append on, taking note of when it was acknowledged: who follows from now on wants what came afterwards. */
  noted(append: Promise<AppendResult>): Promise<AppendResult> {
    return append.then((result) => {
      this.acknowledged.note(result);
      return result;
    });
  }

  /** Every iteration follows anew. */
  follow(filter: EventFilter = {}, options: FollowOptions = {}): AsyncIterable<RecordedEvent> {
    const open = (): ChunkSource<RecordedEvent> => this.untilClosed(filter, options);
    return { [Symbol.asyncIterator]: () => new ChunkIterator(open, options.signal) };
  }

  /** Ends all that follow with StoreClosed. */
  close(): void {
    this.closed = true;
    for (const source of [...this.sources]) source.close();
  }

  private untilClosed(filter: EventFilter, options: FollowOptions): ChunkSource<RecordedEvent> {
    const source = deferredSource(() =>
      this.open(checkFilter(filter), checkStart(options.from === undefined ? 'now' : options.from), options),
    );
    this.sources.add(source);
    return {
      nextChunk: async () => {
        try {
          const chunk = this.closed ? undefined : await source.nextChunk();
          if (!this.closed) return chunk;
        } catch (error) {
          if (!this.closed) throw error;
        }
        throw new StoreClosed();
      },
      close: () => {
        this.sources.delete(source);
        source.close();
      },
    };
  }

  private async open(
    filter: EventFilter,
    from: CheckedStart,
    { onCaughtUp }: FollowOptions,
  ): Promise<ChunkSource<RecordedEvent>> {
    const { channel, topology, requestTimeoutMs: timeoutMs } = this.dependencies;
    const { aggregateType } = filter;
    const bindings = aggregateType === undefined ? topology.bindings : [topology.bindingOf(aggregateType)];
    const calledAtMs = performance.now();
    const acknowledged = this.acknowledged.now();
    const { leader } = this;
    let starts: readonly FollowStart[];
    try {
      starts = await Promise.all(
        bindings.map(({ name: stream }) =>
          followStart({ channel, leader, stream, from, calledAtMs, acknowledged, timeoutMs }),
        ),
      );
    } finally {
      acknowledged.forget();
    }
    let behind = bindings.length;
    const caughtUp = (): void => {
      if (--behind === 0) onCaughtUp?.();
    };
    const narrowed = narrowedBy(from, filter);
    const batch = Math.max(MIN_BATCH, Math.floor(BATCH / bindings.length));
    const cursors = bindings.map((binding, i) => this.cursor(binding, narrowed, starts[i]!, batch, caughtUp));
    return cursors.length === 1 ? cursors[0]! : new SideBySideSource(cursors);
  }

  private cursor(
    { name, prefix }: StreamBinding,
    filter: EventFilter,
    start: FollowStart,
    batch: number,
    onCaughtUp: () => void,
  ): FollowCursor<RecordedEvent> {
    const { channel, isReplicated, requestTimeoutMs } = this.dependencies;
    const { subjects, exact } = serverFilters(prefix, filter);
    return new FollowCursor(channel, this.leader, {
      ...start,
      stream: name,
      filters: subjects,
      batch,
      // The largest message must fit in, or it would never come.
      batchBytes: Math.max(BATCH_BYTES, 2 * channel.maxPayloadBytes),
      isReplicated: isReplicated(name),
      timeoutMs: requestTimeoutMs,
      decode: eventDecoder(filter, exact),
      onCaughtUp,
    });
  }
}

/** Clocks of a cluster's servers differ, so what comes behind the first event of a time may be dated before it. */
function narrowedBy(from: CheckedStart, filter: EventFilter): EventFilter {
  if (typeof from === 'string' || !('recordedFrom' in from)) return filter;
  const { recordedFrom } = filter;
  const later = recordedFrom === undefined || compareTimestamps(recordedFrom, from.recordedFrom) < 0;
  return later ? { ...filter, recordedFrom: from.recordedFrom } : filter;
}
