import type { RequestChannel } from '../connection/request-channel.ts';
import { ForwardCursor } from '../read/forward-cursor.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { streamState } from '../scan/stream-state.ts';

/** Which messages to read. */
export interface KeptMessagesQuery {
  /** Must not overlap. */
  readonly filters: readonly string[];
  /** First sequence wanted; the first unless given. */
  readonly fromSequence?: number;
  readonly headersOnly?: boolean;
  /** Messages that are asked for at a time; 500 unless given. */
  readonly batch?: number | undefined;
}

export interface KeptMessagesParts {
  readonly channel: RequestChannel;
  readonly leader: LeaderReader;
  readonly stream: string;
  readonly isReplicated: boolean;
}

const BATCH = 500;
const BATCH_BYTES = 4 * 1024 * 1024;

/** Reads a stream beside the events in its order, from its leader's view, in bounded memory. */
export class KeptMessages {
  constructor(private readonly parts: KeptMessagesParts) {}

  /**
   * What matches and was stored at the call, in chunks; what is removed meanwhile is left out.
   *
   * @param decode undefined leaves the message out; its body is only valid during the call
   * @throws StoreUnavailable, and what `decode` throws
   */
  async *read<T>(
    query: KeptMessagesQuery,
    decode: (message: StoredMessage) => T | undefined,
  ): AsyncGenerator<readonly T[], void, undefined> {
    const { channel, leader, stream, isReplicated } = this.parts;
    const { firstSequence, lastSequence } = await streamState(channel, stream);
    const cursor = new ForwardCursor<T>(channel, leader, {
      stream,
      filters: query.filters,
      fromSequence: Math.max(1, firstSequence, query.fromSequence ?? 1),
      toSequence: lastSequence,
      headersOnly: query.headersOnly ?? false,
      batch: query.batch ?? BATCH,
      // The largest message must fit in, or it would never come.
      batchBytes: Math.max(BATCH_BYTES, 2 * channel.maxPayloadBytes),
      isReplicated,
      timeoutMs: channel.defaultTimeoutMs,
      decode,
    });
    try {
      for (let chunk = await cursor.nextChunk(); chunk; chunk = await cursor.nextChunk()) yield chunk;
    } finally {
      cursor.close();
    }
  }
}
