import { type Problem, SOCKET_CLOSE, type ServerMessage } from '@annals/contract';
import type { WebSocket } from 'ws';
import { ValidationError } from '@annals/core';
import { HttpProblem } from '../problem/http-problem.ts';
import { type ChannelLimits, ClientChannel } from './client-channel.ts';
import { type LiveClient, tooSlow } from './live-clients.ts';
import type { LiveFrame } from './live-frame.ts';
import type { LiveService } from './live-service.ts';
import type { LiveOutput } from './live-subscription.ts';
import { type CheckedMessage, checkMessage, idOf, parseMessage } from './socket-message.ts';

/** What a socket needs to know. */
export interface SocketOptions extends ChannelLimits {
  readonly heartbeatMs: number;
  readonly maxSubscriptions: number;
  /** Of filters that name none. */
  readonly tenantId: string | undefined;
  /** What the client is told of an error; what is unexpected is logged. */
  readonly problemOf: (error: unknown) => Problem;
}

/** How long the last words may take to reach the client. */
const GOODBYE_MS = 1_000;
/** A close reason takes at most 123 bytes. */
const MAX_REASON_CHARACTERS = 120;
const CLOSING_BRACE = Buffer.from('}');

/** One socket of `/events/ws`: several subscriptions over one connection, by JSON messages. */
export class SocketClient implements LiveClient {
  readonly transport = 'websocket';
  readonly #channel: ClientChannel;
  readonly #subscriptions = new Map<string, AbortController>();
  /** Of pings that were not answered yet. */
  #unansweredPings = 0;
  #pingedAtMs = performance.now();
  #ended = false;

  constructor(
    private readonly socket: WebSocket,
    private readonly live: LiveService,
    private readonly options: SocketOptions,
  ) {
    const outlet = {
      get keptBytes() {
        return socket.bufferedAmount;
      },
      write: (bytes: Buffer) => socket.send(bytes, { binary: false }),
    };
    this.#channel = new ClientChannel(outlet, options);
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary));
    socket.on('pong', () => (this.#unansweredPings = 0));
    // Of the protocol, such as a message that is too large: the library closes the socket with the right code.
    socket.on('error', () => {});
    socket.once('close', () => this.#letGo());
  }

  /** To be called when the operating system has taken what was kept. */
  onDrained(): void {
    this.#channel.onDrained();
  }

  tick(): void {
    const { heartbeatMs, stallTimeoutMs } = this.options;
    if (this.#channel.isStalled()) {
      this.live.metrics.clientDropped('too-slow');
      return this.#close(SOCKET_CLOSE.tooSlow, tooSlow(stallTimeoutMs).code);
    }
    if (performance.now() - this.#pingedAtMs < heartbeatMs) return;
    this.#pingedAtMs = performance.now();
    // What is kept goes first, so an answer could not be expected.
    if (this.socket.bufferedAmount > 0) return;
    if (this.#unansweredPings >= 2) {
      this.live.metrics.clientDropped('silent');
      return this.socket.terminate();
    }
    this.#unansweredPings++;
    this.socket.ping();
  }

  end(problem: HttpProblem): void {
    this.#close(SOCKET_CLOSE.shuttingDown, problem.code);
  }

  #receive(data: Buffer, isBinary: boolean): void {
    if (this.#ended) return;
    this.#unansweredPings = 0;
    if (isBinary) return this.#close(SOCKET_CLOSE.binaryMessage, 'only text messages are taken');
    let id: string | undefined;
    try {
      const message = parseMessage(data.toString('utf8'));
      id = idOf(message);
      this.#serve(checkMessage(message, this.options.tenantId));
    } catch (error) {
      this.#refuse(id, error);
    }
    if (this.#channel.isFull) void this.#pause();
  }

  /** Answers to what the client sends are kept like all else: it is heard again when it has taken some. */
  async #pause(): Promise<void> {
    this.socket.pause();
    await this.#channel.drained().catch(() => {});
    this.socket.resume();
  }

  #serve(message: CheckedMessage): void {
    if (message.type === 'ping') return this.#say({ type: 'pong' });
    const { type, id } = message;
    const known = this.#subscriptions.get(id);
    if (type === 'unsubscribe') {
      if (!known) throw new ValidationError([{ path: 'id', message: 'names no subscription of this socket' }]);
      this.#subscriptions.delete(id);
      known.abort();
      return this.#say({ type: 'unsubscribed', id });
    }
    if (known) throw new ValidationError([{ path: 'id', message: 'names a subscription that is there already' }]);
    const { maxSubscriptions: limit } = this.options;
    if (this.#subscriptions.size >= limit) {
      throw new HttpProblem(
        'too-many-live-subscriptions',
        `The socket has ${limit} subscriptions already: end one of them, or open another socket.`,
        { limit },
      );
    }
    const wanted = new AbortController();
    this.#subscriptions.set(id, wanted);
    void this.#subscribe(message, wanted);
  }

  async #subscribe(
    { id, filter, start }: Extract<CheckedMessage, { type: 'subscribe' }>,
    wanted: AbortController,
  ): Promise<void> {
    let begun = false;
    try {
      const { subscription, letGo } = await this.live.open(filter, start, this.#outputOf(id, wanted.signal));
      try {
        begun = true;
        if (!wanted.signal.aborted) this.#say({ type: 'subscribed', id });
        await subscription.run(wanted.signal);
      } finally {
        letGo();
      }
    } catch (error) {
      if (wanted.signal.aborted) return;
      this.#subscriptions.delete(id);
      if (begun) this.#say({ type: 'unsubscribed', id, problem: this.options.problemOf(error) });
      else this.#refuse(id, error);
    }
  }

  #outputOf(id: string, signal: AbortSignal): LiveOutput {
    const channel = this.#channel;
    const { metrics } = this.live;
    const name = JSON.stringify(id);
    return {
      event(frame: LiveFrame, cursor: string) {
        if (signal.aborted) return;
        const { json } = frame;
        const head = Buffer.from(`{"type":"event","id":${name},"cursor":"${cursor}","event":`);
        // As in SseClient, the cursor goes with the last of what became of the stored event.
        const headOfOthers = Buffer.from(`{"type":"event","id":${name},"event":`);
        const make = (): Buffer[] =>
          json.map((event, i) => Buffer.concat([i === json.length - 1 ? head : headOfOthers, event, CLOSING_BRACE]));
        for (const bytes of cursor === frame.cursor ? frame.shared(name, make) : make()) {
          channel.send(bytes);
          metrics.eventSent('websocket', bytes.length);
        }
      },
      caughtUp: (cursor) => this.#say({ type: 'caught-up', id, cursor }),
      get isFull() {
        return channel.isFull;
      },
      drained: () => channel.drained(),
    };
  }

  #refuse(id: string | undefined, error: unknown): void {
    const problem = this.options.problemOf(error);
    this.#say({ type: 'error', ...(id !== undefined && { id }), problem });
  }

  #say(message: ServerMessage): void {
    this.#channel.send(Buffer.from(JSON.stringify(message)));
  }

  #close(code: number, reason: string): void {
    if (this.#ended) return;
    this.socket.close(code, reason.slice(0, MAX_REASON_CHARACTERS));
    const cut = setTimeout(() => this.socket.terminate(), GOODBYE_MS);
    this.socket.once('close', () => clearTimeout(cut));
    this.#letGo();
  }

  #letGo(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#channel.close(new Error('the client went away'));
    for (const wanted of this.#subscriptions.values()) wanted.abort();
    this.#subscriptions.clear();
    this.live.clients.remove(this);
  }
}
