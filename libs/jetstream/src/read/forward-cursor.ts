import { setTimeout as pause } from 'node:timers/promises';
import { type Msg, type Subscription, createInbox, nanos } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import { unavailable } from '../error/unavailable.ts';
import { headerBlock, statusOf } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { type Delivery, parseDelivery } from '../scan/delivery.ts';
import type { ChunkSource } from './chunk-source.ts';
import { ConsumerRefused } from './consumer-refused.ts';
import type { LeaderReader } from './leader-reader.ts';
import { PullLedger } from './pull-ledger.ts';
import { createReadConsumer, readConsumerName, removeReadConsumer } from './read-consumer.ts';
import { recordedTime } from './recorded-time.ts';
import type { StoredMessage } from './stored-message.ts';

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

const HEARTBEAT_MS = 1_000;
/** Nothing heard for so many heartbeats: the consumer is taken for gone. */
const MAX_SILENT_TICKS = 3;
const PULL_EXPIRES_MS = 30_000;
/** How long a reading that has begun waits for the server to come back. */
const RESUME_MS = 30_000;
const CREATE_TRY_MS = 2_000;
const RETRY_PAUSE_MS = 100;
const MAX_PULLS = 2;
const HEARTBEAT_STATUS = 100;

/**
 * Reads messages of a stream in order through an ephemeral consumer. Lost connections, restarts of the server, lost
 * consumers and lost messages (seen by the consumer's own count) are overcome by a new consumer behind the last message.
 * It pulls no further while what it has is not taken.
 */
export class ForwardCursor<T> implements ChunkSource<T> {
  private items: T[] = [];
  private itemBytes = 0;
  private position: number;
  private taken = 0;
  private requested = 0;
  private consumer: string | undefined;
  private subscription: Subscription | undefined;
  private ledger = new PullLedger();
  private delivered = 0;
  /** Ticks of the watchdog since something was heard. Not a time: a process that was busy is not taken for a silent server. */
  private silentTicks = 0;
  private watchdog: NodeJS.Timeout | undefined;
  private forgetReconnects: (() => void) | undefined;
  /** A consumer that is made while a newer one is wanted is dropped. */
  private generation = 0;
  private begun = false;
  private resumedAt = -1;
  private looking = false;
  private state: 'new' | 'reading' | 'ended' = 'new';
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(
    private readonly channel: RequestChannel,
    private readonly leader: LeaderReader,
    private readonly options: CursorOptions<T>,
  ) {
    this.position = options.fromSequence - 1;
  }

  async nextChunk(): Promise<readonly T[] | undefined> {
    if (this.state === 'new') this.start();
    for (;;) {
      if (this.items.length > 0) {
        const chunk = this.items;
        this.items = [];
        this.itemBytes = 0;
        this.pull();
        return chunk;
      }
      if (this.failure) throw this.failure;
      if (this.state === 'ended') return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  close(): void {
    this.items = [];
    this.end();
  }

  private start(): void {
    const { fromSequence, toSequence, atMost } = this.options;
    if (fromSequence > toSequence || atMost === 0) return this.end();
    this.state = 'reading';
    this.watchdog = setInterval(() => this.checkSilence(), HEARTBEAT_MS);
    this.watchdog.unref();
    this.forgetReconnects = this.channel.whenReconnected(() => void this.restart());
    void this.restart();
  }

  /** Reads on behind the last message by a consumer that is new. */
  private async restart(): Promise<void> {
    const generation = ++this.generation;
    this.letGo();
    const { stream, filters, headersOnly = false, isReplicated, timeoutMs } = this.options;
    const deadlineMs = Date.now() + (this.begun ? RESUME_MS : timeoutMs);
    const name = readConsumerName();
    let wait = this.resumedAt === this.position;
    this.resumedAt = this.position;
    for (; ; wait = true) {
      // A consumer that brought nothing before it was lost is not made anew at once.
      if (wait) await pause(RETRY_PAUSE_MS);
      if (!this.isCurrent(generation)) return;
      try {
        const config = { name, stream, filters, fromSequence: this.position + 1, headersOnly };
        const { pending } = await createReadConsumer(this.channel, config, CREATE_TRY_MS);
        if (!this.isCurrent(generation)) return removeReadConsumer(this.channel, stream, name);
        this.begun = true;
        this.consumer = name;
        if (pending === 0 && !isReplicated) return this.end();
        this.subscription = this.channel.nc.subscribe(createInbox(), {
          callback: (error, msg) => {
            if (this.generation !== generation) return;
            if (error) this.fail(unavailable(error));
            else this.receive(msg);
          },
        });
        this.pull();
        if (pending === 0) await this.endUnlessMoreIsStored();
        return;
      } catch (error) {
        if (!this.isCurrent(generation)) return;
        if (!isPassing(error) || Date.now() + RETRY_PAUSE_MS > deadlineMs) return this.fail(unavailable(error));
      }
    }
  }

  private isCurrent(generation: number): boolean {
    return this.generation === generation && this.state !== 'ended';
  }

  private receive(msg: Msg): void {
    if (this.state === 'ended') return;
    this.silentTicks = 0;
    const delivery = parseDelivery(msg.reply);
    if (!delivery) return this.receiveStatus(msg);
    if (delivery.consumerSequence !== this.delivered + 1) return void this.restart();
    this.delivered++;
    this.ledger.received();
    const { toSequence, atMost, isReplicated } = this.options;
    if (delivery.sequence > toSequence) return this.end();
    this.position = delivery.sequence;
    this.taken++;
    try {
      this.take(msg, delivery);
    } catch (error) {
      return this.fail(error as Error);
    }
    if (delivery.sequence === toSequence || this.taken === atMost) return this.end();
    if (delivery.pending > 0) this.wakeUp();
    else if (isReplicated) void this.endUnlessMoreIsStored();
    else this.end();
  }

  private take(msg: Msg, delivery: Delivery): void {
    const item = this.options.decode({
      stream: this.options.stream,
      sequence: delivery.sequence,
      subject: msg.subject,
      recordedAt: recordedTime(delivery.recordedAtNs),
      headers: headerBlock(msg),
      body: msg.data,
    });
    if (item === undefined) {
      // Messages that are left out are not waiting for anybody.
      if (this.items.length === 0) this.pull();
      return;
    }
    this.items.push(item);
    this.itemBytes += msg.data.length;
  }

  private receiveStatus(msg: Msg): void {
    if (statusOf(msg) === HEARTBEAT_STATUS) {
      const last = Number(msg.headers?.get(NATS_HEADER.lastConsumer) || this.delivered);
      if (last !== this.delivered) void this.restart();
      else void this.endUnlessMoreIsStored();
      return;
    }
    // Only a pull that ended in order tells what it still owed; anything else means that the consumer is gone.
    if (!msg.headers?.get(NATS_HEADER.pendingMessages)) return void this.restart();
    this.ledger.ended();
    this.pull();
  }

  /** Asks for more as long as what was asked for and what lies waiting leave room. */
  private pull(): void {
    const { stream, batch, atMost = Infinity, batchBytes } = this.options;
    if (!this.subscription || this.state === 'ended') return;
    while (this.ledger.pulls < MAX_PULLS && this.itemBytes < batchBytes) {
      const size = Math.min(batch, atMost - this.taken - this.ledger.expected);
      if (size <= 0 || this.ledger.expected + this.items.length >= batch) return;
      if (this.ledger.pulls === 0) this.silentTicks = 0;
      this.ledger.pulled(size);
      const request = {
        batch: size,
        max_bytes: batchBytes,
        expires: nanos(PULL_EXPIRES_MS),
        idle_heartbeat: nanos(HEARTBEAT_MS),
      };
      try {
        this.channel.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${this.consumer}`, JSON.stringify(request), {
          reply: this.subscription.getSubject(),
        });
      } catch (error) {
        return this.fail(unavailable(error));
      }
    }
  }

  /** Ends the reading when the leader has nothing more up to the end, which a consumer on a replica cannot know. */
  private async endUnlessMoreIsStored(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const { position } = this;
    const { stream, filters, toSequence } = this.options;
    try {
      const found = await Promise.all(
        filters.map((next_by_subj) => this.leader.message(stream, { seq: position + 1, next_by_subj })),
      );
      const more = found.some((message) => message && message.sequence <= toSequence);
      if (!more && this.position === position) this.end();
    } catch {
      // The next heartbeat asks again; a server that stays away is noticed by its silence.
    } finally {
      this.looking = false;
    }
    this.wakeUp();
  }

  private checkSilence(): void {
    if (this.ledger.pulls > 0 && ++this.silentTicks > MAX_SILENT_TICKS) void this.restart();
  }

  private fail(error: Error): void {
    if (this.state === 'ended') return;
    this.failure = error;
    this.end();
  }

  private end(): void {
    if (this.state !== 'ended') {
      this.state = 'ended';
      clearInterval(this.watchdog);
      this.forgetReconnects?.();
      this.letGo();
    }
    this.wakeUp();
  }

  private letGo(): void {
    if (!this.channel.nc.isClosed()) this.subscription?.unsubscribe();
    if (this.consumer !== undefined) removeReadConsumer(this.channel, this.options.stream, this.consumer);
    this.subscription = undefined;
    this.consumer = undefined;
    this.ledger = new PullLedger();
    this.delivered = 0;
  }

  private wakeUp(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof RequestFailed) return error.reason !== 'closed';
  return error instanceof ConsumerRefused && error.passing;
}
