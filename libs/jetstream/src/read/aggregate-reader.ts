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
    const open = (): AggregateChunks => {
      const source = this.source(checkAggregate(ref));
      checkReadAggregate(options);
      return this.chunksOf(source, options);
    };
    return new LazyAggregateEvents(open, (chunks) => generatedChunks(chunks.read()), options.signal);
  }

  /** See `EventStore.readAt`. Timestamps need not ascend with versions, so all events are looked at. */
  readAt(ref: AggregateRef, timestamp: string, options: { readonly signal?: AbortSignal } = {}): AggregateEvents {
    const open = (): AggregateChunks => this.chunksOf(this.source(checkAggregate(ref)), {});
    const read = (chunks: AggregateChunks): ChunkSource<RecordedEvent> =>
      generatedChunks(happenedBy(checkTimestamp(timestamp, 'timestamp'), chunks.read()));
    return new LazyAggregateEvents(open, read, options.signal);
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
}

async function* happenedBy(
  until: string,
  chunks: AsyncIterable<readonly RecordedEvent[]>,
): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
  for await (const chunk of chunks) yield chunk.filter((event) => isWithin(event.timestamp, undefined, until));
}

class LazyAggregateEvents implements AggregateEvents {
  private chunks: AggregateChunks | undefined;

  /** @param open is called by the first `next` of an iteration, and may throw */
  constructor(
    private readonly open: () => AggregateChunks,
    private readonly read: (chunks: AggregateChunks) => ChunkSource<RecordedEvent>,
    private readonly signal: AbortSignal | undefined,
  ) {}

  get retainedFromVersion(): number | undefined {
    return this.chunks?.retainedFromVersion;
  }

  [Symbol.asyncIterator](): AsyncIterator<RecordedEvent> {
    return new ChunkIterator(() => this.read((this.chunks = this.open())), this.signal);
  }
}
