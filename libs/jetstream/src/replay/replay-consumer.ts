import { setTimeout as pause } from 'node:timers/promises';
import type { ReplayItem } from '@annals/core';
import { type Msg, type Subscription, createInbox, nanos } from '@nats-io/transport-node';
import { askRepeatedly } from '../connection/ask-repeatedly.ts';
import type { RequestChannel } from '../connection/request-channel.ts';
import type { ApiError } from '../error/jetstream-codes.ts';
import { unavailable } from '../error/unavailable.ts';
import { headerBlock, statusOf } from '../header/header-block.ts';
import { NATS_HEADER } from '../header/header-names.ts';
import type { ChunkSource } from '../read/chunk-source.ts';
import { ConsumerRefused } from '../read/consumer-refused.ts';
import type { LeaderReader } from '../read/leader-reader.ts';
import { recordedTime } from '../read/recorded-time.ts';
import { type Delivery, parseDelivery } from '../scan/delivery.ts';
import { ScanInterrupted } from '../scan/scan-interrupted.ts';
import type { ReplayRange } from './replay-record.ts';
import type { ReplayScope } from './replay-scope.ts';

/** Messages a pull, and their bytes: what lies waiting is at most twice of it. */
const BATCH = 500;
const BATCH_BYTES = 4 * 1024 * 1024;
const SILENCE_MS = 5_000;
/** Without any progress for this long the reading is given up, and the job is taken up again later. */
const STALLED_MS = 30_000;
const RETRY_MS = 100;
/** The server removes the durable when nobody pulled for this long: what counts is the checkpoint in the bucket. */
const INACTIVE_MS = 15 * 60_000;
/** Longer than any batch takes: what is not acknowledged is read anew by a new consumer, never delivered again by this. */
const ACK_WAIT_MS = 24 * 3_600_000;

const STATUS = { noMessages: 404, timeout: 408 } as const;

/** One pull's messages. */
interface Pulled {
  readonly items: ReplayItem[];
  received: number;
  lastPending: number;
}

/**
 * Brings a job's events out of one stream through a durable consumer, a pull ahead of whoever takes them. The durable shows
 * operators how far the job is; should it get lost, or another process take the job over, a new one begins behind the
 * checkpoint.
 */
export class ReplayConsumer implements ChunkSource<ReplayItem> {
  private readonly inbox = createInbox();
  private readonly acks: { readonly sequence: number; readonly subject: string }[] = [];
  private subscription: Subscription | undefined;
  private position: number;
  private delivered = 0;
  private ready = false;
  private closed = false;
  private next: Promise<readonly ReplayItem[] | undefined> | undefined;
  private onMessage: ((error: Error | undefined, msg?: Msg) => void) | undefined;
  private readonly ignoreReconnects: () => void;

  constructor(
    private readonly channel: RequestChannel,
    private readonly leader: LeaderReader,
    private readonly options: {
      readonly name: string;
      readonly range: ReplayRange;
      /** Every event up to this stream sequence is done. */
      readonly checkpoint: number;
      readonly scope: ReplayScope;
    },
  ) {
    this.position = Math.max(options.range.from - 1, options.checkpoint);
    this.ignoreReconnects = channel.whenReconnected(() =>
      this.onMessage?.(new ScanInterrupted('the connection was made anew')),
    );
  }

  async nextChunk(): Promise<readonly ReplayItem[] | undefined> {
    const items = await (this.next ?? this.read());
    this.next = items && !this.closed ? this.read() : undefined;
    // Its failure is told to whoever asks next.
    this.next?.catch(() => undefined);
    return items;
  }

  /** Acknowledges what is done. */
  settle(checkpoint: number): void {
    let last: string | undefined;
    while (this.acks.length > 0 && this.acks[0]!.sequence <= checkpoint) last = this.acks.shift()!.subject;
    if (last !== undefined && this.channel.connected) this.channel.publish(last, Buffer.from('+ACK'));
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.ignoreReconnects();
    this.onMessage?.(new ScanInterrupted('it was closed'));
    if (this.channel.nc.isClosed()) return;
    this.subscription?.unsubscribe();
    this.remove();
  }

  private remove(): void {
    const { name, range } = this.options;
    this.channel.nc.publish(`$JS.API.CONSUMER.DELETE.${range.stream}.${name}`);
  }

  private async read(): Promise<readonly ReplayItem[] | undefined> {
    const { to, stream } = this.options.range;
    let giveUpAtMs = Date.now() + STALLED_MS;
    while (!this.closed && this.position < to) {
      const before = this.position;
      try {
        if (!this.ready) await this.create();
        const { items, received, lastPending } = await this.pull();
        if ((received === 0 || lastPending === 0) && !(await this.isMoreStored())) this.position = to;
        if (items.length > 0) return items;
        // What was looked at in vain is done as well.
        const recordedAt = new Date(0).toISOString();
        if (this.position > before)
          return [{ position: { stream, sequence: Math.min(this.position, to) }, recordedAt }];
        await pause(RETRY_MS);
      } catch (error) {
        if (this.closed) return undefined;
        this.ready = false;
        const passing = !(error instanceof ConsumerRefused) || error.passing;
        if (this.position > before) giveUpAtMs = Date.now() + STALLED_MS;
        if (!passing || this.channel.nc.isClosed() || Date.now() > giveUpAtMs) throw unavailable(error);
        await pause(RETRY_MS);
      }
    }
    return undefined;
  }

  /** Makes the durable behind what was read; one of that name which is there stood somewhere else. */
  private async create(): Promise<void> {
    const { name, range, scope } = this.options;
    const { subjects } = scope;
    const config = {
      name,
      durable_name: name,
      description: 'Annals: a replay',
      ...(subjects.length === 1 ? { filter_subject: subjects[0] } : { filter_subjects: subjects }),
      deliver_policy: 'by_start_sequence',
      opt_start_seq: this.position + 1,
      ack_policy: 'all',
      ack_wait: nanos(ACK_WAIT_MS),
      max_ack_pending: -1,
      inactive_threshold: nanos(INACTIVE_MS),
    };
    this.subscription?.unsubscribe();
    this.subscription = this.channel.nc.subscribe(this.inbox, {
      callback: (error, msg) => this.onMessage?.(error ?? undefined, msg),
    });
    await this.ask(`$JS.API.CONSUMER.DELETE.${range.stream}.${name}`, '');
    const error = await this.ask(
      `$JS.API.CONSUMER.CREATE.${range.stream}.${name}`,
      JSON.stringify({ stream_name: range.stream, config, action: 'create' }),
    );
    if (error) throw new ConsumerRefused(error);
    // It was closed meanwhile, and what `close` removed was the one before.
    if (this.closed) this.remove();
    this.acks.length = 0;
    this.delivered = 0;
    this.ready = true;
  }

  private async ask(subject: string, body: string): Promise<ApiError | undefined> {
    const reply = await askRepeatedly(this.channel.defaultTimeoutMs, (timeoutMs) =>
      this.channel.request(subject, body, { timeoutMs }),
    );
    return reply.json<{ error?: ApiError }>().error;
  }

  /** @throws ScanInterrupted */
  private pull(): Promise<Pulled> {
    const { range, name } = this.options;
    return new Promise((resolve, reject) => {
      const pulled: Pulled = { items: [], received: 0, lastPending: 0 };
      const end = (error?: Error): void => {
        clearTimeout(silence);
        this.onMessage = undefined;
        if (error) reject(error);
        else resolve(pulled);
      };
      const silence = setTimeout(() => end(new ScanInterrupted('the server is silent')), SILENCE_MS);
      this.onMessage = (error, msg) => {
        if (error || !msg) return end(error ?? new ScanInterrupted('no message'));
        silence.refresh();
        const delivery = parseDelivery(msg.reply);
        if (!delivery)
          return isEndOfPull(msg) ? end() : end(new ScanInterrupted(`the server answered ${statusOf(msg)}`));
        if (delivery.consumerSequence !== this.delivered + 1) return end(new ScanInterrupted('a message is missing'));
        this.delivered++;
        pulled.received++;
        pulled.lastPending = delivery.pending;
        this.take(msg, delivery, pulled.items);
        if (pulled.received === BATCH || this.position >= range.to) end();
      };
      const maxBytes = Math.max(BATCH_BYTES, 2 * this.channel.maxPayloadBytes);
      const body = JSON.stringify({ batch: BATCH, max_bytes: maxBytes, no_wait: true });
      try {
        this.channel.nc.publish(`$JS.API.CONSUMER.MSG.NEXT.${range.stream}.${name}`, body, { reply: this.inbox });
      } catch (cause) {
        end(new ScanInterrupted('the connection is closed', { cause }));
      }
    });
  }

  private take(msg: Msg, { sequence, recordedAtNs }: Delivery, items: ReplayItem[]): void {
    const { range, scope } = this.options;
    this.position = sequence;
    if (sequence > range.to) return;
    this.acks.push({ sequence, subject: msg.reply! });
    const item = scope.itemOf({
      stream: range.stream,
      sequence,
      subject: msg.subject,
      recordedAt: recordedTime(recordedAtNs),
      headers: headerBlock(msg),
      body: msg.data,
    });
    if (item) items.push(item);
  }

  /** Asks the leader: the consumer may live on a replica that lags behind. */
  private async isMoreStored(): Promise<boolean> {
    const { range, scope } = this.options;
    const { position } = this;
    const found = await Promise.all(
      scope.subjects.map((next_by_subj) => this.leader.message(range.stream, { seq: position + 1, next_by_subj })),
    );
    return found.some((message) => message && message.sequence <= range.to);
  }
}

/** No message was there, or no more; and only a pull that ended in order tells what it still owed. */
function isEndOfPull(msg: Msg): boolean {
  const status = statusOf(msg);
  if (status === STATUS.noMessages || status === STATUS.timeout) return true;
  return Boolean(msg.headers?.get(NATS_HEADER.pendingMessages));
}
