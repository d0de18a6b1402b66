import type { Msg } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ChunkSource } from '../read/chunk-source.ts';
import { messageOf } from '../read/forward-cursor.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import { type FeedReader, MessageFeed } from '../read/message-feed.ts';
import type { StoredMessage } from '../read/stored-message.ts';
import { WaitingItems } from '../read/waiting-items.ts';
import type { Delivery } from '../scan/delivery.ts';

/** Which messages of a stream to follow, and what to make of them. */
export interface FollowCursorOptions<T> {
  readonly stream: string;
  /** Must not overlap. */
  readonly filters: readonly string[];
  /** The first sequence wanted, from 1. */
  readonly fromSequence: number;
  /** The stream's last sequence at the beginning: whoever is behind it has caught up. */
  readonly caughtUpAt: number;
  /** Messages that are asked for at a time; what lies waiting is bounded by twice of it. */
  readonly batch: number;
  /** Bytes that are asked for at a time. */
  readonly batchBytes: number;
  /** True when the consumer may live on a replica that lags behind the leader. */
  readonly isReplicated: boolean;
  /** Milliseconds that the server may take to let it begin; once it has begun it waits for the server as long as it takes. */
  readonly timeoutMs: number;
  /** Undefined leaves the message out. The body is only valid during the call. */
  readonly decode: (message: StoredMessage) => T | undefined;
  /** Called once, when everything up to `caughtUpAt` was taken. */
  readonly onCaughtUp: () => void;
}

/** Once it has caught up, a silent consumer on a replica is compared with the leader each so many heartbeats. */
const BEATS_BETWEEN_LOOKS = 10;
/** A consumer that misses what the leader has, looked at so often, is made anew: on another replica, with luck. */
const MAX_STALE_LOOKS = 3;

/**
 * Reads messages of a stream in order and goes on with each new one, until it is closed. It pulls no further while what it
 * has is not taken: whoever is slow is behind, and misses nothing.
 */
export class FollowCursor<T> implements ChunkSource<T>, FeedReader {
  private readonly items = new WaitingItems<T>();
  private readonly feed: MessageFeed;
  private started = false;
  private caughtUp: 'no' | 'reached' | 'taken' | 'told' = 'no';
  private looking = false;
  private beats = 0;
  private staleLooks = 0;
  private lookedAt = -1;

  constructor(
    channel: RequestChannel,
    private readonly leader: LeaderReader,
    private readonly options: FollowCursorOptions<T>,
  ) {
    this.feed = new MessageFeed(channel, { ...options, resumeMs: Infinity }, this);
  }

  async nextChunk(): Promise<readonly T[] | undefined> {
    if (!this.started) {
      this.started = true;
      if (this.options.fromSequence > this.options.caughtUpAt) this.caughtUp = 'reached';
      this.feed.start();
    }
    if (this.caughtUp === 'taken') this.tellCaughtUp();
    const chunk = await this.items.take(() => {
      if (this.caughtUp === 'reached') this.tellCaughtUp();
    });
    // The reader has it all when it asks for more.
    if (this.caughtUp === 'reached') this.caughtUp = 'taken';
    this.feed.pull();
    return chunk;
  }

  close(): void {
    this.feed.close();
    this.items.clear();
    this.items.end();
  }

  wanted(expected: number): number {
    const { batch, batchBytes } = this.options;
    return this.items.bytes >= batchBytes || expected + this.items.count >= batch ? 0 : batch;
  }

  onBegin(pending: number): void {
    if (pending === 0 && !this.options.isReplicated) this.reach();
  }

  onMessage(msg: Msg, delivery: Delivery): void {
    const { stream, caughtUpAt, isReplicated, decode } = this.options;
    this.staleLooks = 0;
    const item = decode(messageOf(stream, msg, delivery));
    if (item !== undefined) this.items.add(item, msg.data.length);
    // Messages that are left out are not waiting for anybody.
    else if (this.items.count === 0) this.feed.pull();
    if (delivery.sequence >= caughtUpAt || (delivery.pending === 0 && !isReplicated)) this.reach();
    else if (delivery.pending === 0) void this.lookAhead();
    this.items.announce();
  }

  onIdle(): void {
    if (this.caughtUp === 'no') void this.lookAhead();
    else if (this.options.isReplicated && ++this.beats % BEATS_BETWEEN_LOOKS === 0) void this.lookAhead();
  }

  onFailure(error: Error): void {
    this.items.end(error);
  }

  /** Asks the leader what comes next, which a consumer on a replica cannot know. */
  private async lookAhead(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { position } = this.feed;
    const { stream, filters, caughtUpAt } = this.options;
    try {
      const found = await Promise.all(
        filters.map((next_by_subj) => this.leader.message(stream, { seq: position + 1, next_by_subj })),
      );
      const next = Math.min(...found.map((message) => message?.sequence ?? Infinity));
      if (this.feed.position !== position) return;
      if (next > caughtUpAt) this.reach();
      if (next < Infinity) this.noteMissing(position);
    } catch {
      // The next heartbeat asks again; a server that stays away is noticed by its silence.
    } finally {
      this.looking = false;
    }
  }

  private noteMissing(position: number): void {
    this.staleLooks = this.lookedAt === position ? this.staleLooks + 1 : 1;
    this.lookedAt = position;
    if (this.staleLooks < MAX_STALE_LOOKS) return;
    this.staleLooks = 0;
    void this.feed.restart();
  }

  private reach(): void {
    if (this.caughtUp !== 'no') return;
    this.caughtUp = 'reached';
    this.items.announce();
  }

  private tellCaughtUp(): void {
    this.caughtUp = 'told';
    this.options.onCaughtUp();
  }
}
