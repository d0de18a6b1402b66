import { type Msg, type Subscription, createInbox, nanos, nuid } from '@nats-io/transport-node';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ApiError } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { statusOf } from '../header/header-block.ts';
import { filterOf } from '../subject/subject-map.ts';
import type { StreamBinding } from '../topology/stream-binding.ts';
import { type Delivery, parseDelivery } from './delivery.ts';
import { ScanInterrupted } from './scan-interrupted.ts';

/** Takes one message; must not throw. */
export type OnScanned = (msg: Msg, delivery: Delivery) => void;

interface Pull {
  readonly batch: number;
  readonly onScanned: OnScanned;
  readonly settle: (outcome: Error | PullResult) => void;
  received: number;
  lastPending: number;
  heardAtMs: number;
}

export interface PullResult {
  readonly received: number;
  /** False when the consumer knows of nothing more at the moment; its replica may lag behind the leader. */
  readonly more: boolean;
}

/** A pull without a sign of life for this long is given up. */
const SILENCE_MS = 5_000;
const SILENCE_CHECK_MS = 250;
/** The server removes the consumer when nobody pulled for this long: a process may vanish. */
const INACTIVE_MS = 60_000;
/** No message was there; a pull that waited ended; the consumer or the stream is gone. */
const STATUS = { noMessages: 404, timeout: 408 } as const;

/**
 * One ephemeral pull consumer that delivers a stream's events in order, headers only and without acknowledgements
 * (358,000 a second, measured). It is filtered by `<prefix>.>`, so it never sees idempotency markers.
 */
export class ScanConsumer {
  private readonly name = `annals-scan-${nuid.next()}`;
  private readonly inbox = createInbox();
  private readonly subscription: Subscription;
  private readonly watchdog: NodeJS.Timeout;
  private readonly ignoreReconnects: () => void;
  private pulling: Pull | undefined;
  private delivered = 0;

  private constructor(
    private readonly channel: RequestChannel,
    private readonly stream: string,
  ) {
    this.subscription = channel.nc.subscribe(this.inbox, { callback: (error, msg) => this.receive(error, msg) });
    this.watchdog = setInterval(() => this.checkSilence(), SILENCE_CHECK_MS);
    this.watchdog.unref();
    // A server that was away for a moment has forgotten the pull, and perhaps the consumer.
    this.ignoreReconnects = channel.whenReconnected(() => this.interrupt('the connection was made anew'));
  }

  /**
   * @param from first stream sequence wanted
   * @throws StoreUnavailable, ScanInterrupted
   */
  static async create(channel: RequestChannel, binding: StreamBinding, from: number): Promise<ScanConsumer> {
    const consumer = new ScanConsumer(channel, binding.name);
    const filter = filterOf(binding.prefix);
    const config = {
      name: consumer.name,
      filter_subject: filter,
      deliver_policy: 'by_start_sequence',
      opt_start_seq: Math.max(from, 1),
      ack_policy: 'none',
      headers_only: true,
      mem_storage: true,
      num_replicas: 1,
      inactive_threshold: nanos(INACTIVE_MS),
    };
    const subject = `$JS.API.CONSUMER.CREATE.${binding.name}.${consumer.name}.${filter}`;
    try {
      const reply = await channel.request(
        subject,
        JSON.stringify({ stream_name: binding.name, config, action: 'create' }),
      );
      const { error } = reply.json<{ error?: ApiError }>();
      if (error) throw new ScanInterrupted(`the consumer was refused (${error.err_code} ${error.description})`);
      return consumer;
    } catch (error) {
      consumer.close();
      throw error instanceof ScanInterrupted ? error : unavailable(error);
    }
  }

  /**
   * Hands over what comes next, at most `batch` messages.
   *
   * @param waitMs how long to wait for the first when there is none; 0 unless given
   * @throws ScanInterrupted
   */
  pull(batch: number, onScanned: OnScanned, waitMs = 0): Promise<PullResult> {
    return new Promise((resolve, reject) => {
      const settle = (outcome: Error | PullResult): void => {
        this.pulling = undefined;
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.pulling = { batch, onScanned, settle, received: 0, lastPending: 0, heardAtMs: Date.now() };
      const how = waitMs > 0 ? { expires: nanos(waitMs) } : { no_wait: true };
      const body = JSON.stringify({ batch, ...how });
      try {
        const subject = `$JS.API.CONSUMER.MSG.NEXT.${this.stream}.${this.name}`;
        this.channel.nc.publish(subject, body, { reply: this.inbox });
      } catch (cause) {
        settle(new ScanInterrupted('the connection is closed', { cause }));
      }
    });
  }

  /** Lets go of the consumer; a pull in hand is interrupted. */
  close(): void {
    clearInterval(this.watchdog);
    this.ignoreReconnects();
    this.interrupt('it was closed');
    if (this.channel.nc.isClosed()) return;
    this.subscription.unsubscribe();
    this.channel.nc.publish(`$JS.API.CONSUMER.DELETE.${this.stream}.${this.name}`);
  }

  private receive(error: Error | null, msg: Msg): void {
    const pull = this.pulling;
    if (!pull) return;
    if (error) return pull.settle(new ScanInterrupted(error.message, { cause: error }));
    const delivery = parseDelivery(msg.reply);
    if (!delivery) return this.receiveStatus(pull, statusOf(msg));
    if (delivery.consumerSequence !== this.delivered + 1) {
      return pull.settle(new ScanInterrupted(`message ${this.delivered + 1} of the consumer is missing`));
    }
    this.delivered = delivery.consumerSequence;
    pull.received++;
    pull.lastPending = delivery.pending;
    pull.heardAtMs = Date.now();
    pull.onScanned(msg, delivery);
    if (pull.received === pull.batch) pull.settle({ received: pull.received, more: pull.lastPending > 0 });
  }

  private receiveStatus(pull: Pull, status: number): void {
    if (status === STATUS.noMessages || status === STATUS.timeout)
      pull.settle({ received: pull.received, more: false });
    else pull.settle(new ScanInterrupted(`the server answered ${status}`));
  }

  private checkSilence(): void {
    const pull = this.pulling;
    if (!pull) return;
    if (!this.channel.connected) this.interrupt('the connection was lost');
    else if (Date.now() - pull.heardAtMs > SILENCE_MS) this.interrupt('the server is silent');
  }

  private interrupt(reason: string): void {
    this.pulling?.settle(new ScanInterrupted(reason));
  }
}
