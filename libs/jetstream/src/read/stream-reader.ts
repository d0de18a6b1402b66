import {
  type EventFilter,
  type ReadAllOptions,
  type RecordedEvent,
  checkFilter,
  checkReadAll,
  matchesFilter,
  resolveAggregateRef,
} from '@annals/core';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { AggregateReader, ReadDependencies } from './aggregate-reader.ts';
import { BackwardSource, type PlacedItem } from './backward-source.ts';
import { ChunkIterator } from './chunk-iterator.ts';
import { type ChunkSource, deferredSource, generatedChunks } from './chunk-source.ts';
import { EventCounter } from './event-counter.ts';
import { eventDecoder } from './event-decoder.ts';
import { type CursorOptions, ForwardCursor } from './forward-cursor.ts';
import { LeaderReader } from './leader-reader.ts';
import { LimitedSource } from './limited-source.ts';
import { MergedSource } from './merged-source.ts';
import { type SequenceRange, sequenceRange } from './sequence-range.ts';
import { serverFilters } from './server-filters.ts';
import type { StoredMessage } from './stored-message.ts';

/** Messages that a cursor asks for at a time, and their bytes: the rate no longer grows from here on. */
const BATCH = 5_000;
const BATCH_BYTES = 4 * 1024 * 1024;
const MIN_BATCH = 100;
/** Sequences in the first window of a backward read that has no limit. */
const FIRST_WINDOW = 4_096;
const MIN_FIRST_WINDOW = 256;

/** Reads events of the whole store in the order in which its streams took them. */
export class StreamReader {
  private readonly leader: LeaderReader;
  private readonly counter: EventCounter;

  constructor(
    private readonly dependencies: ReadDependencies,
    private readonly aggregates: AggregateReader,
  ) {
    this.leader = new LeaderReader(dependencies.channel);
    this.counter = new EventCounter(dependencies, this.leader);
  }

  /** See `EventStore.readAll`. Every iteration reads anew. */
  readAll(options: ReadAllOptions = {}): AsyncIterable<RecordedEvent> {
    const open = (): ChunkSource<RecordedEvent> => deferredSource(async () => this.open(checkReadAll(options)));
    return { [Symbol.asyncIterator]: () => new ChunkIterator(open, options.signal) };
  }

  /** See `EventStore.count`. */
  async count(filter: EventFilter & Pick<ReadAllOptions, 'after'> = {}): Promise<number> {
    const { after = [] } = checkReadAll({ after: filter.after });
    const checked = checkFilter(filter);
    const counts = await Promise.all(
      this.streamsOf(checked).map((binding) => {
        const behind = after.find(({ stream }) => stream === binding.name)?.sequence ?? 0;
        return this.counter.count(binding, checked, behind + 1);
      }),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  private async open(options: ReadAllOptions): Promise<ChunkSource<RecordedEvent>> {
    const { limit, direction = 'forwards' } = options;
    const bindings = this.streamsOf(options);
    const source = this.aggregateSource(options);
    if (source) return limited(source, limit);
    const ranges = await Promise.all(
      bindings.map(({ name }) => sequenceRange(this.dependencies.channel, this.leader, name, options)),
    );
    const sources = bindings.map((binding, i) => this.streamSource(binding, ranges[i]!, options, bindings.length));
    return limited(sources.length === 1 ? sources[0]! : new MergedSource(sources, direction), limit);
  }

  private streamsOf({ aggregateType }: EventFilter): readonly StreamBinding[] {
    const { topology } = this.dependencies;
    return aggregateType === undefined ? topology.bindings : [topology.bindingOf(aggregateType)];
  }

  /** One aggregate, named in full, is read as such: without a consumer, and what is missing is noticed. */
  private aggregateSource(options: ReadAllOptions): ChunkSource<RecordedEvent> | undefined {
    const { tenantId, aggregateType, aggregateId, after, fromVersion, toVersion, direction } = options;
    if (tenantId === undefined || aggregateType === undefined || aggregateId === undefined || after) return undefined;
    const ref = resolveAggregateRef({ tenantId, type: aggregateType, id: aggregateId });
    const chunks = this.aggregates.chunksOf(this.aggregates.source(ref), { fromVersion, toVersion, direction });
    return generatedChunks(filtered(chunks.read(), options));
  }

  private streamSource(
    binding: StreamBinding,
    range: SequenceRange,
    options: ReadAllOptions,
    streams: number,
  ): ChunkSource<RecordedEvent> {
    const { limit = Infinity } = options;
    const { subjects, exact } = serverFilters(binding.prefix, options);
    const decode = eventDecoder(options, exact);
    const batch = Math.max(MIN_BATCH, Math.floor(BATCH / streams));
    const atMost = exact && limit < Infinity ? limit : undefined;
    if (options.direction !== 'backwards') {
      return this.cursor(binding, subjects, range, { batch, atMost, decode });
    }
    const openWindow = (window: SequenceRange): ChunkSource<PlacedItem<RecordedEvent>> =>
      this.cursor(binding, subjects, window, {
        batch,
        decode: (message) => {
          const event = decode(message);
          return event && { item: event, sequence: message.sequence, bytes: message.body.length };
        },
      });
    const width = Math.max(MIN_FIRST_WINDOW, Math.min(FIRST_WINDOW, 2 * limit));
    return new BackwardSource(openWindow, range, width);
  }

  private cursor<T>(
    binding: StreamBinding,
    filters: readonly string[],
    range: SequenceRange,
    options: Pick<CursorOptions<T>, 'batch' | 'atMost'> & { decode: (message: StoredMessage) => T | undefined },
  ): ForwardCursor<T> {
    const { channel, isReplicated, requestTimeoutMs } = this.dependencies;
    return new ForwardCursor<T>(channel, this.leader, {
      ...options,
      stream: binding.name,
      filters,
      fromSequence: range.from,
      toSequence: range.to,
      // The largest message must fit in, or it would never come.
      batchBytes: Math.max(BATCH_BYTES, 2 * channel.maxPayloadBytes),
      isReplicated: isReplicated(binding.name),
      timeoutMs: requestTimeoutMs,
    });
  }
}

function limited(source: ChunkSource<RecordedEvent>, limit: number | undefined): ChunkSource<RecordedEvent> {
  return limit === undefined ? source : new LimitedSource(source, limit);
}

async function* filtered(
  chunks: AsyncIterable<readonly RecordedEvent[]>,
  filter: EventFilter,
): AsyncGenerator<readonly RecordedEvent[], void, undefined> {
  for await (const chunk of chunks) yield chunk.filter((event) => matchesFilter(event, filter));
}
