import { createInbox, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { statusOf } from '../header/header-block.ts';
import { RequestFailed, type RequestFailure } from './request-failed.ts';

export interface RequestOptions {
  readonly headers?: MsgHdrs | undefined;
  /** Milliseconds; the channel's default unless given. */
  readonly timeoutMs?: number | undefined;
}

/** A request that waits for its reply, or for the status that ends its replies. */
interface Waiting {
  readonly subject: string;
  readonly dueMs: number;
  /** Absent where one reply is all. */
  readonly onMessage: ((msg: Msg) => void) | undefined;
  readonly resolve: (msg: Msg) => void;
  readonly reject: (error: unknown) => void;
}

const SWEEP_MS = 100;
const NO_RESPONDERS = 503;

/**
 * Requests over one connection that share one inbox and one subscription: a subscription for each request costs the
 * server and the client about as much as a small read does.
 *
 * Replies with many messages (Direct Get) end with a status message. A lost connection fails what waits at once: the
 * reply would never come.
 */
export class RequestChannel {
  private readonly inbox = `${createInbox()}.`;
  private readonly waiting = new Map<string, Waiting>();
  private readonly subscription: Subscription;
  private readonly sweeper: NodeJS.Timeout;
  private nextToken = 0;
  private online = true;
  private clockMs = Date.now();

  constructor(
    readonly nc: NatsConnection,
    private readonly defaultTimeoutMs: number,
  ) {
    const tokenAt = this.inbox.length;
    this.subscription = nc.subscribe(`${this.inbox}*`, {
      callback: (error, msg) => {
        if (!error) this.receive(msg.subject.slice(tokenAt), msg);
      },
    });
    this.sweeper = setInterval(() => this.failOverdue(), SWEEP_MS);
    this.sweeper.unref();
    void this.watchConnection();
  }

  /** False while the connection is being made anew. */
  get connected(): boolean {
    return this.online && !this.nc.isClosed();
  }

  /** The server's payload limit: headers and body together. */
  get maxPayloadBytes(): number {
    return this.nc.info?.max_payload ?? 1_048_576;
  }

  /** Sends without waiting for anything. */
  publish(subject: string, body: Uint8Array, headers?: MsgHdrs): void {
    this.nc.publish(subject, body, headers ? { headers } : undefined);
  }

  /**
   * Sends and waits for one reply.
   *
   * @throws RequestFailed
   */
  request(subject: string, body: string | Uint8Array, options?: RequestOptions): Promise<Msg> {
    return this.send(subject, body, undefined, options);
  }

  /**
   * Sends and hands over every reply until a status message ends them.
   *
   * @param onMessage called synchronously in the order of arrival; what it throws rejects the promise
   * @returns the status message
   * @throws RequestFailed
   */
  collect(subject: string, body: string, onMessage: (msg: Msg) => void, options?: RequestOptions): Promise<Msg> {
    return this.send(subject, body, onMessage, options);
  }

  /** Fails what waits; the connection itself belongs to whoever made it. */
  close(): void {
    clearInterval(this.sweeper);
    if (!this.nc.isClosed()) this.subscription.unsubscribe();
    this.failAll('closed');
  }

  private send(
    subject: string,
    body: string | Uint8Array,
    onMessage: ((msg: Msg) => void) | undefined,
    options: RequestOptions | undefined,
  ): Promise<Msg> {
    return new Promise((resolve, reject) => {
      const token = (++this.nextToken).toString(36);
      const reply = this.inbox + token;
      const headers = options?.headers;
      try {
        this.nc.publish(subject, body, headers ? { reply, headers } : { reply });
      } catch (cause) {
        reject(this.nc.isClosed() ? new RequestFailed('closed', subject, { cause }) : (cause as Error));
        return;
      }
      const dueMs = this.clockMs + SWEEP_MS + (options?.timeoutMs ?? this.defaultTimeoutMs);
      this.waiting.set(token, { subject, dueMs, onMessage, resolve, reject });
    });
  }

  private receive(token: string, msg: Msg): void {
    const waiting = this.waiting.get(token);
    if (waiting === undefined) return;
    const { onMessage } = waiting;
    const status = msg.data.length === 0 ? statusOf(msg) : 0;
    if (status === 0 && onMessage !== undefined) {
      try {
        onMessage(msg);
      } catch (error) {
        this.waiting.delete(token);
        waiting.reject(error);
      }
      return;
    }
    this.waiting.delete(token);
    if (status === NO_RESPONDERS) waiting.reject(new RequestFailed('no-responders', waiting.subject));
    else waiting.resolve(msg);
  }

  private async watchConnection(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === 'disconnect') {
        this.online = false;
        this.failAll('disconnected');
      } else if (status.type === 'reconnect') {
        this.online = true;
      } else if (status.type === 'close') {
        this.failAll('closed');
      }
    }
  }

  private failOverdue(): void {
    this.clockMs = Date.now();
    for (const [token, waiting] of this.waiting) {
      if (waiting.dueMs > this.clockMs) continue;
      this.waiting.delete(token);
      waiting.reject(new RequestFailed('timeout', waiting.subject));
    }
  }

  private failAll(reason: RequestFailure): void {
    const failed = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of failed) waiting.reject(new RequestFailed(reason, waiting.subject));
  }
}
