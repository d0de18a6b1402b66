import { type Logger, silentLogger } from '@annals/core';
import { createInbox, type Msg, type MsgHdrs, type NatsConnection, type Subscription } from '@nats-io/transport-node';
import { statusOf } from '../header/header-block.ts';
import { RequestFailed, type RequestFailure } from './request-failed.ts';

export interface RequestOptions {
  readonly headers?: MsgHdrs | undefined;
  /** Milliseconds; the channel's default unless given. */
  readonly timeoutMs?: number | undefined;
}

/** Who takes what becomes of a request; called once, synchronously with the arrival. */
export interface ReplyHandler {
  resolve(msg: Msg): void;
  reject(error: unknown): void;
}

/** A request that waits for its reply, or for the status that ends its replies. */
interface Waiting {
  readonly subject: string;
  readonly dueMs: number;
  /** Absent where one reply is all. */
  readonly onMessage: ((msg: Msg) => void) | undefined;
  readonly handler: ReplyHandler;
}

const SWEEP_MS = 100;
const NO_RESPONDERS = 503;
/** Of nats-server, unless it is configured otherwise. */
const DEFAULT_MAX_PAYLOAD = 1_048_576;

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
  private readonly onReconnected = new Set<() => void>();
  private nextToken = 0;
  private online = true;
  private sweptMs = performance.now();
  private lastMaxPayload = DEFAULT_MAX_PAYLOAD;

  constructor(
    readonly nc: NatsConnection,
    /** Milliseconds that a request may take unless it says otherwise. */
    readonly defaultTimeoutMs: number,
    private readonly logger: Logger = silentLogger,
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
    // The client forgets what the server told while it makes the connection anew.
    this.lastMaxPayload = this.nc.info?.max_payload ?? this.lastMaxPayload;
    return this.lastMaxPayload;
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
    return new Promise((resolve, reject) => this.send(subject, body, undefined, options, { resolve, reject }));
  }

  /** As {@link request}, for the path of an append, where each promise on the way counts. */
  requestFor(handler: ReplyHandler, subject: string, body: Uint8Array, options: RequestOptions): void {
    this.send(subject, body, undefined, options, handler);
  }

  /**
   * Sends and hands over every reply until a status message ends them.
   *
   * @param onMessage called synchronously in the order of arrival; what it throws rejects the promise
   * @returns the status message
   * @throws RequestFailed
   */
  collect(subject: string, body: string, onMessage: (msg: Msg) => void, options?: RequestOptions): Promise<Msg> {
    return new Promise((resolve, reject) => this.send(subject, body, onMessage, options, { resolve, reject }));
  }

  /**
   * Calls `listener` whenever a lost connection is there again.
   *
   * @returns ends that
   */
  whenReconnected(listener: () => void): () => void {
    this.onReconnected.add(listener);
    return () => this.onReconnected.delete(listener);
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
    handler: ReplyHandler,
  ): void {
    if (!this.connected) {
      // The client drops what is sent while it has no connection, so its reply would never come.
      handler.reject(new RequestFailed(this.nc.isClosed() ? 'closed' : 'disconnected', subject));
      return;
    }
    const token = (++this.nextToken).toString(36);
    const reply = this.inbox + token;
    const headers = options?.headers;
    try {
      this.nc.publish(subject, body, headers ? { reply, headers } : { reply });
    } catch (cause) {
      handler.reject(this.nc.isClosed() ? new RequestFailed('closed', subject, { cause }) : cause);
      return;
    }
    const dueMs = performance.now() + (options?.timeoutMs ?? this.defaultTimeoutMs);
    this.waiting.set(token, { subject, dueMs, onMessage, handler });
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
        waiting.handler.reject(error);
      }
      return;
    }
    this.waiting.delete(token);
    if (status === NO_RESPONDERS) waiting.handler.reject(new RequestFailed('no-responders', waiting.subject));
    else waiting.handler.resolve(msg);
  }

  private async watchConnection(): Promise<void> {
    for await (const status of this.nc.status()) {
      if (status.type === 'disconnect') {
        if (this.online)
          this.logger.warn('the connection to nats-server is lost, it is being made anew', { server: status.server });
        this.online = false;
        this.failAll('disconnected');
      } else if (status.type === 'reconnect') {
        this.online = true;
        this.logger.info('the connection to nats-server is there again', { server: status.server });
        for (const listener of [...this.onReconnected]) listener();
      } else if (status.type === 'close') {
        this.failAll('closed');
      }
    }
  }

  private failOverdue(): void {
    const now = performance.now();
    const stalledMs = now - this.sweptMs;
    this.sweptMs = now;
    // The process was busy or asleep: answers may lie in the socket, which is read after the timers.
    if (stalledMs > 5 * SWEEP_MS) return;
    for (const [token, waiting] of this.waiting) {
      if (waiting.dueMs > now) continue;
      this.waiting.delete(token);
      waiting.handler.reject(new RequestFailed('timeout', waiting.subject));
    }
  }

  private failAll(reason: RequestFailure): void {
    const failed = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of failed) waiting.handler.reject(new RequestFailed(reason, waiting.subject));
  }
}
