import type { ResolvedAggregateRef, SnapshotSelection } from '@annals/core';
import type { RequestChannel } from '../connection/request-channel.ts';
import { headerValue } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { ConsumerRefused } from '../read/consumer-refused.ts';
import { ForwardCursor } from '../read/forward-cursor.ts';
import { LeaderReader } from '../read/leader-reader.ts';
import { SNAPSHOT_STREAM, aggregateOfSubject, snapshotFilter } from './snapshot-names.ts';

/** An aggregate that has a snapshot, and where the bucket's stream holds it. */
export interface ListedKey {
  readonly aggregate: ResolvedAggregateRef;
  readonly sequence: number;
}

const BATCH_BYTES = 4 * 1024 * 1024;

/**
 * The keys of a selection in the order in which they were written, read from the stream behind the bucket: the client's
 * list of keys would hold all of them.
 *
 * @param streams whose aggregates are meant
 * @param after the bucket's sequence to begin behind
 */
export async function listKeys(
  source: { readonly channel: RequestChannel; readonly streams: readonly string[]; readonly isReplicated: boolean },
  selection: SnapshotSelection,
  after: number,
  limit: number,
): Promise<readonly ListedKey[]> {
  const { channel, streams, isReplicated } = source;
  const cursor = new ForwardCursor<ListedKey>(channel, new LeaderReader(channel), {
    stream: SNAPSHOT_STREAM,
    filters: streams.map((stream) => snapshotFilter(stream, selection)),
    fromSequence: after + 1,
    toSequence: Number.MAX_SAFE_INTEGER,
    headersOnly: true,
    batch: limit,
    batchBytes: BATCH_BYTES,
    isReplicated,
    timeoutMs: channel.defaultTimeoutMs,
    decode: ({ subject, sequence, headers }) => {
      const aggregate = aggregateOfSubject(subject);
      // A deleted key leaves a marker.
      const isMarker = [NATS_HEADER.kvOperation, NATS_HEADER.markerReason].some(
        (name) => headerValue(headers, name) !== undefined,
      );
      return aggregate && !isMarker ? { aggregate, sequence } : undefined;
    },
  });
  const keys: ListedKey[] = [];
  try {
    for (let chunk = await cursor.nextChunk(); chunk && keys.length < limit; chunk = await cursor.nextChunk()) {
      keys.push(...chunk);
    }
  } catch (error) {
    // No snapshot was ever kept.
    if (!isMissingStream(error)) throw error;
  } finally {
    cursor.close();
  }
  return keys.slice(0, limit);
}

function isMissingStream(error: unknown): boolean {
  const cause = (error as { cause?: unknown }).cause;
  return cause instanceof ConsumerRefused && cause.missing;
}
