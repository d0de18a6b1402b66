import { type EventBody, type LiveQuery, ROUTES, isProblem } from '@annals/contract';
import { ProblemError } from '../error/problem-error.ts';
import { UnexpectedAnswer } from '../error/gateway-unreachable.ts';
import type { CallOptions, Http } from '../request/http.ts';
import { type SseMessage, readSse } from './read-sse.ts';

/** An event and the place in the log behind it. */
export interface LiveEvent {
  readonly event: EventBody;
  /** Begin with `after: cursor` to go on behind this event, in another process too. */
  readonly cursor: string;
}

/** How to follow. */
export interface LiveOptions extends CallOptions {
  /** Called once, when everything that was stored at the start was handed over, with the place reached. */
  readonly onCaughtUp?: ((cursor: string) => void) | undefined;
  /** Called when the connection is lost, before it is made anew. */
  readonly onInterrupted?: ((reason: unknown) => void) | undefined;
  /**
   * Milliseconds without a sign of life after which the connection is taken for lost; 45,000 unless given, three times what
   * the gateway lets pass unless configured otherwise.
   */
  readonly silenceTimeoutMs?: number | undefined;
}

const SILENCE_TIMEOUT_MS = 45_000;
const DEFAULT_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
const SILENCE_CHECKS = 4;

/** Follows a gateway's live events, over as many connections as it takes: each goes on behind the last event. */
export class LiveEvents implements AsyncIterable<LiveEvent> {
  constructor(
    private readonly http: Http,
    private readonly query: LiveQuery,
    private readonly options: LiveOptions,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<LiveEvent, void, undefined> {
    const { signal, onCaughtUp, onInterrupted } = this.options;
    let cursor: string | undefined;
    let isCaughtUp = false;
    let retryMs = DEFAULT_RETRY_MS;
    // What goes wrong at first is the caller's to know; later it is overcome, unless it would go wrong again.
    for (let failures = -1; ;) {
      try {
        for await (const message of this.#connect(cursor)) {
          if (message.id !== undefined) cursor = message.id;
          retryMs = message.retryMs ?? retryMs;
          failures = 0;
          if (message.event === 'problem') throw problemOf(message);
          if (message.event === 'message' && message.data !== undefined) {
            yield { event: JSON.parse(message.data) as EventBody, cursor: cursor! };
          } else if (message.event === 'caught-up' && !isCaughtUp) {
            isCaughtUp = true;
            onCaughtUp?.(cursor!);
          }
        }
        onInterrupted?.(new Error('the gateway ended the stream'));
      } catch (error) {
        signal?.throwIfAborted();
        if (failures < 0 || isFinal(error)) throw error;
        onInterrupted?.(error);
      }
      failures = Math.max(0, failures) + 1;
      await pause(Math.min(retryMs * 2 ** (failures - 1), LONGEST_RETRY_MS), signal);
    }
  }

  /** The messages of one connection. */
  async *#connect(cursor: string | undefined): AsyncGenerator<SseMessage, void, undefined> {
    const { signal, silenceTimeoutMs = SILENCE_TIMEOUT_MS } = this.options;
    const lost = new AbortController();
    const onAbort = (): void => lost.abort(signal!.reason);
    signal?.addEventListener('abort', onAbort);
    let silentChecks = 0;
    const watchdog = setInterval(() => {
      if (++silentChecks > SILENCE_CHECKS) lost.abort(new Error(`nothing was heard for ${silenceTimeoutMs} ms`));
    }, silenceTimeoutMs / SILENCE_CHECKS);
    try {
      signal?.throwIfAborted();
      const headers = { accept: 'text/event-stream', 'last-event-id': cursor };
      const request = {
        method: 'GET',
        path: ROUTES.liveEvents,
        query: this.query,
        headers,
        signal: lost.signal,
      } as const;
      const response = await this.http.send(request);
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
        throw new UnexpectedAnswer(response.status, this.http.urlOf(request), '');
      }
      for await (const message of readSse(response)) {
        // Whoever takes slowly is no silent gateway.
        silentChecks = -Infinity;
        yield message;
        silentChecks = 0;
      }
    } finally {
      clearInterval(watchdog);
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

function problemOf({ data = '' }: SseMessage): Error {
  const problem: unknown = JSON.parse(data);
  return isProblem(problem) ? new ProblemError(problem) : new Error('the gateway ended the stream');
}

/** True where another connection would end in the same way. */
function isFinal(error: unknown): boolean {
  return (error instanceof ProblemError && !error.retryable) || error instanceof SyntaxError;
}

async function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal!.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
