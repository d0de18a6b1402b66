import { setTimeout as pause } from 'node:timers/promises';
import { type Msg, type Subscription, createInbox, nanos } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import { RequestFailed } from '../connection/request-failed.ts';
import { unavailable } from '../error/unavailable.ts';
import { statusOf } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import { type Delivery, parseDelivery } from '../scan/delivery.ts';
import { ConsumerRefused } from './consumer-refused.ts';
import { PullLedger } from './pull-ledger.ts';
import { createReadConsumer, readConsumerName, removeReadConsumer } from './read-consumer.ts';

/** Which messages of a stream to bring, and how long to try. */
export interface FeedOptions {
  readonly stream: string;
  /** Must not overlap. */
  readonly filters: readonly string[];
  /** The first sequence wanted, from 1. */
  readonly fromSequence: number;
  readonly headersOnly?: boolean;
  /** Bytes that are asked for at a time. */
  readonly batchBytes: number;
  /** Milliseconds that the server may take to let the reading begin … */
  readonly timeoutMs: number;
  /** … and to let it go on when it was lost; Infinity goes on until it works. */
  readonly resumeMs: number;
}

/** Who takes the messages of a feed. Called synchronously; may close the feed. */
export interface FeedReader {
  /** Messages to ask for now, beside so many that are asked for already; 0 for none. */
  wanted(expected: number): number;
  /** A consumer was made that has so many messages to deliver, as the server that runs it knows. */
  onBegin(pending: number): void;
  /** The next message, in order and once. What it throws fails the feed. */
  onMessage(msg: Msg, delivery: Delivery): void;
  /** The server is there, and the consumer has nothing to deliver at the moment. */
  onIdle(): void;
  /** The feed cannot go on. The last call. */
  onFailure(error: Error): void;
}

const HEARTBEAT_MS = 1_000;
/** Nothing heard for so many heartbeats: the consumer is taken for gone. */
const MAX_SILENT_TICKS = 3;
const PULL_EXPIRES_MS = 30_000;
const CREATE_TRY_MS = 2_000;
const RETRY_PAUSE_MS = 100;
const MAX_PULLS = 2;
const HEARTBEAT_STATUS = 100;

/**
 * Brings messages of a stream in order through an ephemeral consumer. Lost connections, restarts of the server, lost
 * consumers and lost messages (seen by the consumer's own count) are overcome by a new consumer behind the last message.
 */
export class MessageFeed {
  /** The stream sequence of the last message that was handed over. */
  private last: number;
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
  private closed = false;

  constructor(
    private readonly channel: RequestChannel,
    private readonly options: FeedOptions,
    private readonly reader: FeedReader,
  ) {
    this.last = options.fromSequence - 1;
  }

  /** Every wanted message at or below this stream sequence was handed over. */
  get position(): number {
    return this.last;
  }

  start(): void {
    this.watchdog = setInterval(() => this.checkSilence(), HEARTBEAT_MS);
    this.watchdog.unref();
    this.forgetReconnects = this.channel.whenReconnected(() => void this.restart());
    void this.restart();
  }

  /** Asks for as much as the reader wants. */
  pull(): void {
    if (!this.subscription || this.closed) return;
    const { stream, batchBytes } = this.options;
    while (this.ledger.pulls < MAX_PULLS) {
      const size = this.reader.wanted(this.ledger.expected);
      if (size <= 0) return;
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

  /** Reads on behind the last message by a consumer that is new. */
  async restart(): Promise<void> {
    if (this.closed) return;
    const generation = ++this.generation;
    this.letGo();
    const { stream, filters, headersOnly = false, timeoutMs, resumeMs } = this.options;
    const deadlineMs = Date.now() + (this.begun ? resumeMs : timeoutMs);
    const name = readConsumerName();
    let wait = this.resumedAt === this.last;
    this.resumedAt = this.last;
    for (; ; wait = true) {
      // A consumer that brought nothing before it was lost is not made anew at once.
      if (wait) await pause(RETRY_PAUSE_MS);
      if (!this.isCurrent(generation)) return;
      try {
        const config = { name, stream, filters, fromSequence: this.last + 1, headersOnly };
        const { pending } = await createReadConsumer(this.channel, config, CREATE_TRY_MS);
        if (!this.isCurrent(generation)) return removeReadConsumer(this.channel, stream, name);
        this.begun = true;
        this.consumer = name;
        return this.deliver(generation, pending);
      } catch (error) {
        if (!this.isCurrent(generation)) return;
        if (!isPassing(error) || Date.now() + RETRY_PAUSE_MS > deadlineMs) return this.fail(unavailable(error));
      }
    }
  }

  /** Ends it without a word to the reader. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    clearInterval(this.watchdog);
    this.forgetReconnects?.();
    this.letGo();
  }

  private deliver(generation: number, pending: number): void {
    this.reader.onBegin(pending);
    if (this.closed) return;
    this.subscription = this.channel.nc.subscribe(createInbox(), {
      callback: (error, msg) => {
        if (this.generation !== generation) return;
        if (error) this.fail(unavailable(error));
        else this.receive(msg);
      },
    });
    this.pull();
    if (pending === 0) this.reader.onIdle();
  }

  private isCurrent(generation: number): boolean {
    return this.generation === generation && !this.closed;
  }

  private receive(msg: Msg): void {
    if (this.closed) return;
    this.silentTicks = 0;
    const delivery = parseDelivery(msg.reply);
    if (!delivery) return this.receiveStatus(msg);
    if (delivery.consumerSequence !== this.delivered + 1) return void this.restart();
    this.delivered++;
    this.ledger.received();
    this.last = delivery.sequence;
    try {
      this.reader.onMessage(msg, delivery);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private receiveStatus(msg: Msg): void {
    if (statusOf(msg) === HEARTBEAT_STATUS) {
      const last = Number(msg.headers?.get(NATS_HEADER.lastConsumer) || this.delivered);
      if (last !== this.delivered) void this.restart();
      else this.reader.onIdle();
      return;
    }
    // Only a pull that ended in order tells what it still owed; anything else means that the consumer is gone.
    if (!msg.headers?.get(NATS_HEADER.pendingMessages)) return void this.restart();
    this.ledger.ended();
    this.pull();
  }

  private checkSilence(): void {
    if (this.ledger.pulls > 0 && ++this.silentTicks > MAX_SILENT_TICKS) void this.restart();
  }

  private fail(error: Error): void {
    if (this.closed) return;
    this.close();
    this.reader.onFailure(error);
  }

  private letGo(): void {
    if (!this.channel.nc.isClosed()) this.subscription?.unsubscribe();
    if (this.consumer !== undefined) removeReadConsumer(this.channel, this.options.stream, this.consumer);
    this.subscription = undefined;
    this.consumer = undefined;
    this.ledger = new PullLedger();
    this.delivered = 0;
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof RequestFailed) return error.reason !== 'closed';
  return error instanceof ConsumerRefused && error.passing;
}
