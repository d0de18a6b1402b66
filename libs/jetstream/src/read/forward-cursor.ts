import type { Msg } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import { headerBlock } from '../header/header-block.ts';
import type { Delivery } from '../scan/delivery.ts';
import type { ChunkSource } from './chunk-source.ts';
import type { LeaderReader } from './leader-reader.ts';
import { type FeedReader, MessageFeed } from './message-feed.ts';
import { recordedTime } from './recorded-time.ts';
import type { StoredMessage } from './stored-message.ts';
import { WaitingItems } from './waiting-items.ts';

/** Which messages of a stream to read, and what to make of them. */
export interface CursorOptions<T> {
  readonly stream: string;
  /** Must not overlap. */
  readonly filters: readonly string[];
  /** The first sequence wanted, from 1 … */
  readonly fromSequence: number;
  /** … and the last one: the cursor ends there. */
  readonly toSequence: number;
  readonly headersOnly?: boolean;
  /** Messages that are asked for at a time; what lies waiting is bounded by twice of it. */
  readonly batch: number;
  /** No more messages than these are wanted; all unless given. */
  readonly atMost?: number | undefined;
  /** Bytes that are asked for at a time. */
  readonly batchBytes: number;
  /** True when the consumer may live on a replica that lags behind the leader. */
  readonly isReplicated: boolean;
  /** Milliseconds that the server may take to let the reading begin. */
  readonly timeoutMs: number;
  /** Undefined leaves the message out. The body is only valid during the call. */
  readonly decode: (message: StoredMessage) => T | undefined;
}

/** How long a reading that has begun waits for the server to come back. */
const RESUME_MS = 30_000;

/**
 * Reads messages of a stream in order, up to a last one, through a {@link MessageFeed}. It pulls no further while what it
 * has is not taken.
 */
export class ForwardCursor<T> implements ChunkSource<T>, FeedReader {
  private readonly items = new WaitingItems<T>();
  private readonly feed: MessageFeed;
  private taken = 0;
  private looking = false;
  private state: 'new' | 'reading' | 'ended' = 'new';

  constructor(
    channel: RequestChannel,
    private readonly leader: LeaderReader,
    private readonly options: CursorOptions<T>,
  ) {
    this.feed = new MessageFeed(channel, { ...options, resumeMs: RESUME_MS }, this);
  }

  async nextChunk(): Promise<readonly T[] | undefined> {
    if (this.state === 'new') this.start();
    const chunk = await this.items.take();
    this.feed.pull();
    return chunk;
  }

  close(): void {
    this.items.clear();
    this.end();
  }

  wanted(expected: number): number {
    const { batch, atMost = Infinity, batchBytes } = this.options;
    if (this.items.bytes >= batchBytes || expected + this.items.count >= batch) return 0;
    return Math.min(batch, atMost - this.taken - expected);
  }

  onBegin(pending: number): void {
    if (pending === 0 && !this.options.isReplicated) this.end();
  }

  onMessage(msg: Msg, delivery: Delivery): void {
    const { toSequence, atMost, isReplicated } = this.options;
    if (delivery.sequence > toSequence) return this.end();
    this.taken++;
    const item = this.options.decode(messageOf(this.options.stream, msg, delivery));
    if (item !== undefined) this.items.add(item, msg.data.length);
    // Messages that are left out are not waiting for anybody.
    else if (this.items.count === 0) this.feed.pull();
    if (delivery.sequence === toSequence || this.taken === atMost) return this.end();
    if (delivery.pending > 0) this.items.announce();
    else if (isReplicated) void this.endUnlessMoreIsStored();
    else this.end();
  }

  onIdle(): void {
    void this.endUnlessMoreIsStored();
  }

  onFailure(error: Error): void {
    this.state = 'ended';
    this.items.end(error);
  }

  private start(): void {
    const { fromSequence, toSequence, atMost } = this.options;
    if (fromSequence > toSequence || atMost === 0) return this.end();
    this.state = 'reading';
    this.feed.start();
  }

  /** Ends the reading when the leader has nothing more up to the end, which a consumer on a replica cannot know. */
  private async endUnlessMoreIsStored(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { position } = this.feed;
    const { stream, filters, toSequence } = this.options;
    try {
      const found = await Promise.all(
        filters.map((next_by_subj) => this.leader.message(stream, { seq: position + 1, next_by_subj })),
      );
      const more = found.some((message) => message && message.sequence <= toSequence);
      if (!more && this.feed.position === position) this.end();
    } catch {
      // The next heartbeat asks again; a server that stays away is noticed by its silence.
    } finally {
      this.looking = false;
    }
    this.items.announce();
  }

  private end(): void {
    if (this.state !== 'ended') {
      this.state = 'ended';
      this.feed.close();
    }
    this.items.end();
  }
}

/** A delivered message as the stream holds it. The body is only valid until the next one is read. */
export function messageOf(stream: string, msg: Msg, delivery: Delivery): StoredMessage {
  return {
    stream,
    sequence: delivery.sequence,
    subject: msg.subject,
    recordedAt: recordedTime(delivery.recordedAtNs),
    headers: headerBlock(msg),
    body: msg.data,
  };
}
