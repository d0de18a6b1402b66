import {
  type AggregateEvents,
  type AggregateRef,
  type ReadAggregateOptions,
  type RecordedEvent,
  type ResolvedAggregateRef,
  checkAggregate,
  checkReadAggregate,
  checkTimestamp,
  isWithin,
} from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { Topology } from '../topology/topology.ts';
import { AggregateChunks } from './aggregate-chunks.ts';
import { AggregateSource } from './aggregate-source.ts';
import { ChunkIterator } from './chunk-iterator.ts';
import { type ChunkSource, generatedChunks } from './chunk-source.ts';
import { DirectReader } from './direct-reader.ts';
import { FreshReader } from './fresh-reader.ts';
import { HeadReader } from './head-reader.ts';
import { LeaderReader } from './leader-reader.ts';
import type { KnownSequences, RetentionRecords } from './read-ports.ts';

/** What reading takes. */
export interface ReadDependencies {
  readonly channel: RequestChannel;
  readonly topology: Topology;
  readonly known: KnownSequences;
  readonly retention: RetentionRecords;
  /** True for a stream with more than one copy, whose replicas may lag behind. */
  readonly isReplicated: (stream: string) => boolean;
  /** Milliseconds that one request may take. */
  readonly requestTimeoutMs: number;
}

/** Reads events of single aggregates. */
export class AggregateReader {
  private readonly fresh: FreshReader;
  private readonly leader: LeaderReader;
  private readonly heads: HeadReader;

  constructor(private readonly dependencies: ReadDependencies) {
    const { channel, isReplicated } = dependencies;
    this.fresh = new FreshReader(new DirectReader(channel), isReplicated);
    this.leader = new LeaderReader(channel);
    this.heads = new HeadReader(channel);
  }

  /** See `EventStore.readAggregate`. Every iteration reads anew. */
  readAggregate(ref: AggregateRef, options: ReadAggregateOptions = {}): AggregateEvents {
    return new LazyAggregateEvents((events) => generatedChunks(this.chunks(ref, options, events)), options.signal);
  }

  /** See `EventStore.readAt`. Timestamps need not ascend with versions, so all events are looked at. */
  readAt(ref: AggregateRef, timestamp: string, options: { readonly signal?: AbortSignal } = {}): AggregateEvents {
    const chunks = async function* (this: AggregateReader, events: LazyAggregateEvents) {
      const until = checkTimestamp(timestamp, 'timestamp');
      for await (const chunk of this.chunks(ref, {}, events)) {
        yield chunk.filter((event) => isWithin(event.timestamp, undefined, until));
      }
    }.bind(this);
    return new LazyAggregateEvents((events) => generatedChunks(chunks(events)), options.signal);
  }

  /** The stored events of an aggregate, for those who read it in their own way. */
  source(ref: ResolvedAggregateRef): AggregateSource {
    const { known, topology } = this.dependencies;
    return new AggregateSource(this.fresh, this.leader, this.heads, known, topology.bindingOf(ref.type), ref);
  }

  /** How `source`'s events are read in chunks. */
  chunksOf(source: AggregateSource, options: ReadAggregateOptions): AggregateChunks {
    const { isReplicated, retention } = this.dependencies;
    return new AggregateChunks(source, retention, isReplicated(source.binding.name), options);
  }

  private async *chunks(
    ref: AggregateRef,
    options: ReadAggregateOptions,
    events: LazyAggregateEvents,
  ): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
    const resolved = checkAggregate(ref);
    checkReadAggregate(options);
    const chunks = this.chunksOf(this.source(resolved), options);
    for await (const chunk of chunks.read()) {
      events.retainedFromVersion = chunks.retainedFromVersion;
      yield chunk;
    }
    events.retainedFromVersion = chunks.retainedFromVersion;
  }
}

class LazyAggregateEvents implements AggregateEvents {
  retainedFromVersion: number | undefined;

  constructor(
    private readonly open: (events: LazyAggregateEvents) => ChunkSource<RecordedEvent>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  [Symbol.asyncIterator](): AsyncIterator<RecordedEvent> {
    return new ChunkIterator(() => this.open(this), this.signal);
  }
}
