import type { ServerResponse } from 'node:http';
import type { Problem } from '@annals/contract';
import type { HttpProblem } from '../problem/http-problem.ts';
import { ClientChannel, type ChannelLimits } from './client-channel.ts';
import { tooSlow, type LiveClient } from './live-clients.ts';
import type { LiveFrame } from './live-frame.ts';
import type { LiveMetrics } from './live-metrics.ts';
import type { LiveOutput } from './live-subscription.ts';

/** What a client over SSE needs to know. */
export interface SseOptions extends ChannelLimits {
  readonly heartbeatMs: number;
  /** What the client is told of an error. */
  readonly problemOf: (error: unknown) => Problem;
  readonly metrics: LiveMetrics;
}

/** Clients that were cut off at once come back over so many milliseconds. */
const FIRST_RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;
/** How long the last words may take to reach the client. */
const GOODBYE_MS = 1_000;
const HEARTBEAT = Buffer.from(':\n\n');
const DATA = Buffer.from('data: ');
const END = Buffer.from('\n\n');

/** One client of `GET /events/live`: the stream of server-sent events (WHATWG HTML, 9.2) behind its headers. */
export class SseClient implements LiveClient, LiveOutput {
  readonly transport = 'sse';
  /** Aborted when the client is gone, or was ended. */
  readonly gone: AbortSignal;
  readonly #gone = new AbortController();
  readonly #channel: ClientChannel;

  constructor(
    private readonly response: ServerResponse,
    private readonly options: SseOptions,
  ) {
    this.gone = this.#gone.signal;
    const outlet = {
      get keptBytes() {
        return response.writableLength;
      },
      write: (bytes: Buffer) => void response.write(bytes),
    };
    this.#channel = new ClientChannel(outlet, options);
    const onDrained = (): void => this.#channel.onDrained();
    response.on('drain', onDrained);
    if (response.destroyed) this.#close(new Error('the client went away'));
    response.once('close', () => {
      response.off('drain', onDrained);
      this.#close(new Error('the client went away'));
    });
  }

  get isFull(): boolean {
    return this.#channel.isFull;
  }

  /** The first words: how soon to come back, and where to go on if nothing is received before. */
  begin(cursor: string): void {
    const retryMs = FIRST_RETRY_MS + Math.floor(Math.random() * RETRY_SPREAD_MS);
    this.#say(`retry: ${retryMs}\n${cursor === '' ? '' : `id: ${cursor}\n`}\n`);
  }

  event(frame: LiveFrame, cursor: string): void {
    const { json } = frame;
    const id = Buffer.from(`id: ${cursor}\n`);
    // The cursor goes with the last: whoever is cut off before it gets all that became of the stored event again.
    const make = (): Buffer[] =>
      json.map((event, i) => Buffer.concat(i === json.length - 1 ? [id, DATA, event, END] : [DATA, event, END]));
    for (const bytes of cursor === frame.cursor ? frame.shared('sse', make) : make()) {
      this.#channel.send(bytes);
      this.options.metrics.eventSent('sse', bytes.length);
    }
  }

  caughtUp(cursor: string): void {
    this.#say(`event: caught-up\nid: ${cursor}\ndata: ${JSON.stringify({ cursor })}\n\n`);
  }

  drained(): Promise<void> {
    return this.#channel.drained();
  }

  tick(): void {
    const { heartbeatMs, stallTimeoutMs, metrics } = this.options;
    if (this.#channel.isStalled()) {
      metrics.clientDropped('too-slow');
      return this.end(tooSlow(stallTimeoutMs));
    }
    // What is kept for it is a sign of life enough, once it is taken.
    const isQuiet = performance.now() - this.#channel.sentAtMs >= heartbeatMs;
    if (isQuiet && this.response.writableLength === 0) this.#channel.send(HEARTBEAT);
  }

  end(error: HttpProblem): void {
    this.fail(error);
  }

  /** Tells the client what went wrong, and ends the stream. */
  fail(error: unknown): void {
    if (this.#gone.signal.aborted) return;
    const problem = this.options.problemOf(error);
    this.#say(`event: problem\ndata: ${JSON.stringify(problem)}\n\n`);
    // Behind all that is kept for it: a client that takes nothing any more is cut off without a word.
    this.response.end();
    const cut = setTimeout(() => this.response.destroy(), GOODBYE_MS);
    this.response.once('close', () => clearTimeout(cut));
    this.#close(error as Error);
  }

  #say(text: string): void {
    this.#channel.send(Buffer.from(text));
  }

  #close(reason: Error): void {
    this.#channel.close(reason);
    this.#gone.abort(reason);
  }
}
