import type { ReplayItem, ReplaySource } from '@annals/core';
import { unavailable } from '../error/unavailable.ts';
import { ForwardCursor } from '../read/forward-cursor.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { MergedSource } from '../read/merged-source.ts';
import type { ReadDependencies } from '../read/aggregate-reader.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { ReplayConsumer } from './replay-consumer.ts';
import { replayDurableName } from './replay-names.ts';
import type { ReplayRange, ReplayRecord } from './replay-record.ts';
import { replayScope } from './replay-scope.ts';

const COUNT_BATCH = 5_000;
const COUNT_BATCH_BYTES = 8 * 1024 * 1024;

/** Reads the events that jobs are about. */
export class ReplayReading {
  private readonly leader: LeaderReader;

  constructor(private readonly dependencies: ReadDependencies) {
    this.leader = new LeaderReader(dependencies.channel);
  }

  /** The job's events behind its checkpoint; several streams merge by recorded time. */
  source(record: ReplayRecord): ReplaySource {
    const { channel } = this.dependencies;
    const consumers = record.ranges.map((range) => {
      const checkpoint = record.checkpoint.find(({ stream }) => stream === range.stream)?.sequence ?? 0;
      const scope = replayScope(this.bindingOf(range), record);
      const name = replayDurableName(record.id, record.term);
      const consumer = new ReplayConsumer(channel, this.leader, { name, range, checkpoint, scope });
      return { stream: range.stream, consumer };
    });
    const merged = new MergedSource<ReplayItem>(
      consumers.map(({ consumer }) => consumer),
      'forwards',
    );
    return {
      next: () => merged.nextChunk(),
      settle(checkpoint) {
        for (const { stream, consumer } of consumers) {
          consumer.settle(checkpoint.find((position) => position.stream === stream)?.sequence ?? 0);
        }
      },
      close: () => merged.close(),
    };
  }

  /** How many events the job is about: read through once. @throws StoreUnavailable, the signal's reason */
  async count(record: ReplayRecord, signal: AbortSignal): Promise<number> {
    let count = 0;
    for (const range of record.ranges) count += await this.countIn(range, record, signal);
    return count;
  }

  /** Removes what a process left behind that drove the job before. */
  removeDurables(record: ReplayRecord, term: number): void {
    for (const { stream } of record.ranges) {
      const subject = `$JS.API.CONSUMER.DELETE.${stream}.${replayDurableName(record.id, term)}`;
      if (this.dependencies.channel.connected) this.dependencies.channel.publish(subject, new Uint8Array());
    }
  }

  private async countIn(range: ReplayRange, record: ReplayRecord, signal: AbortSignal): Promise<number> {
    const { channel, isReplicated, requestTimeoutMs } = this.dependencies;
    const scope = replayScope(this.bindingOf(range), record);
    const cursor = new ForwardCursor(channel, this.leader, {
      stream: range.stream,
      filters: scope.subjects,
      fromSequence: range.from,
      toSequence: range.to,
      // What the server has filtered to the end need not be looked at.
      headersOnly: scope.exact,
      batch: COUNT_BATCH,
      batchBytes: Math.max(COUNT_BATCH_BYTES, 2 * channel.maxPayloadBytes),
      isReplicated: isReplicated(range.stream),
      timeoutMs: requestTimeoutMs,
      decode: scope.exact ? () => true : (message) => (scope.itemOf(message) ? true : undefined),
    });
    const close = (): void => cursor.close();
    signal.addEventListener('abort', close, { once: true });
    let count = 0;
    try {
      for (let chunk = await cursor.nextChunk(); chunk; chunk = await cursor.nextChunk()) count += chunk.length;
    } catch (error) {
      throw unavailable(error);
    } finally {
      signal.removeEventListener('abort', close);
      cursor.close();
    }
    signal.throwIfAborted();
    return count;
  }

  private bindingOf({ stream }: ReplayRange): StreamBinding {
    const binding = this.dependencies.topology.bindingOfStream(stream);
    if (!binding) throw new Error(`stream ${stream} of the replay is none of this store's`);
    return binding;
  }
}
