import { setTimeout as pause } from 'node:timers/promises';
import { type EventFilter, StoreUnavailable } from '@annals/core';
import { askRepeatedly } from '../connection/ask-repeatedly.ts';
import { unavailable } from '../error/unavailable.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import type { ReadDependencies } from './aggregate-reader.ts';
import { envelopeMatcher } from './event-decoder.ts';
import { ForwardCursor } from './forward-cursor.ts';
import type { LeaderReader } from './leader-reader.ts';
import { createReadConsumer, readConsumerName, removeReadConsumer, resetReadConsumer } from './read-consumer.ts';
import { sequenceRange } from './sequence-range.ts';
import { type ServerFilters, serverFilters } from './server-filters.ts';

const BATCH = 10_000;
const BATCH_BYTES = 8 * 1024 * 1024;
const LAG_PAUSE_MS = 5;

/** Counts stored events. */
export class EventCounter {
  constructor(
    private readonly dependencies: ReadDependencies,
    private readonly leader: LeaderReader,
  ) {}

  /**
   * What the server can filter, it counts (a million events: a few hundred milliseconds); otherwise subjects and headers of
   * the rest are looked through (about three seconds a million).
   *
   * @param fromSequence counts from this stream sequence on; from 1
   * @throws StoreUnavailable, CorruptEvent
   */
  async count(binding: StreamBinding, filter: EventFilter, fromSequence = 1): Promise<number> {
    const filters = serverFilters(binding.prefix, filter);
    return filters.exact
      ? this.countOnServer(binding, filters, fromSequence)
      : this.scan(binding, filter, filters, fromSequence);
  }

  private async countOnServer(
    { name }: StreamBinding,
    { subjects }: ServerFilters,
    fromSequence: number,
  ): Promise<number> {
    const { channel, isReplicated, requestTimeoutMs } = this.dependencies;
    const consumer = readConsumerName();
    // One that is reset later cannot go back behind where it was made.
    const madeAt = isReplicated(name) ? 1 : fromSequence;
    const config = { name: consumer, stream: name, filters: subjects, fromSequence: madeAt, headersOnly: true };
    try {
      const { pending } = await askRepeatedly(requestTimeoutMs, (timeoutMs) =>
        createReadConsumer(channel, config, timeoutMs),
      );
      return isReplicated(name) ? await this.countWithLeader(name, subjects, consumer, fromSequence) : pending;
    } catch (error) {
      throw unavailable(error);
    } finally {
      removeReadConsumer(channel, name, consumer);
    }
  }

  /**
   * The replica that runs the consumer may lag behind: it is asked until it has the newest event that the leader has. A
   * consumer that is reset tells anew how much is pending from there on, and stays where it is.
   */
  private async countWithLeader(
    stream: string,
    subjects: readonly string[],
    consumer: string,
    fromSequence: number,
  ): Promise<number> {
    const { channel, requestTimeoutMs } = this.dependencies;
    const newest = await Promise.all(subjects.map((last_by_subj) => this.leader.message(stream, { last_by_subj })));
    const last = Math.max(...newest.map((message) => message?.sequence ?? 0));
    const deadlineMs = Date.now() + requestTimeoutMs;
    const pendingFrom = async (sequence: number): Promise<number> =>
      (await resetReadConsumer(channel, stream, consumer, sequence, deadlineMs)).pending;
    while (last > 0 && (await pendingFrom(last)) === 0) {
      if (Date.now() > deadlineMs) throw new StoreUnavailable(`a replica of stream ${stream} lags behind its leader`);
      await pause(LAG_PAUSE_MS);
    }
    return pendingFrom(fromSequence);
  }

  private async scan(
    binding: StreamBinding,
    filter: EventFilter,
    { subjects }: ServerFilters,
    fromSequence: number,
  ): Promise<number> {
    const { channel, isReplicated, requestTimeoutMs } = this.dependencies;
    const { from, to } = await sequenceRange(channel, this.leader, binding.name, filter);
    if (fromSequence > to) return 0;
    const matches = envelopeMatcher(filter, binding.prefix);
    const cursor = new ForwardCursor(channel, this.leader, {
      stream: binding.name,
      filters: subjects,
      fromSequence: Math.max(from, fromSequence),
      toSequence: to,
      headersOnly: true,
      batch: BATCH,
      batchBytes: Math.max(BATCH_BYTES, 2 * channel.maxPayloadBytes),
      isReplicated: isReplicated(binding.name),
      timeoutMs: requestTimeoutMs,
      decode: (message) => (matches(message) ? true : undefined),
    });
    let count = 0;
    try {
      for (let chunk = await cursor.nextChunk(); chunk; chunk = await cursor.nextChunk()) count += chunk.length;
    } finally {
      cursor.close();
    }
    return count;
  }
}
