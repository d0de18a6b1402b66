import type { ChunkSource } from './chunk-source.ts';

/**
 * Iterates over the items of a source's chunks. Items that are there already cost one resolved promise each; a source is
 * opened by the first `next` and closed by the end, an error, the signal, or whoever leaves the loop early.
 */
export class ChunkIterator<T> implements AsyncIterableIterator<T> {
  private chunk: readonly T[] = [];
  private at = 0;
  private source: ChunkSource<T> | undefined;
  private ended = false;
  /** Callers that did not wait for the one before them are served in turn. */
  private turns = 0;
  private lastTurn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly open: () => ChunkSource<T>,
    private readonly signal?: AbortSignal,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.turns === 0 && this.at < this.chunk.length && !this.signal?.aborted) {
      return Promise.resolve({ done: false, value: this.chunk[this.at++]! });
    }
    this.turns++;
    const turn = this.lastTurn.then(() => this.advance()).finally(() => this.turns--);
    this.lastTurn = turn.catch(() => {});
    return turn;
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  private async advance(): Promise<IteratorResult<T, undefined>> {
    try {
      for (;;) {
        if (this.ended) return { done: true, value: undefined };
        this.signal?.throwIfAborted();
        if (this.at < this.chunk.length) return { done: false, value: this.chunk[this.at++]! };
        this.source ??= this.open();
        const chunk = await untilAborted(this.source.nextChunk(), this.signal);
        if (this.ended) continue;
        if (!chunk) this.end();
        else {
          this.chunk = chunk;
          this.at = 0;
        }
      }
    } catch (error) {
      this.end();
      throw error;
    }
  }

  private end(): void {
    if (this.ended) return;
    this.ended = true;
    this.chunk = [];
    this.at = 0;
    this.source?.close();
  }
}

/** The promise, or the signal's reason when that comes first. */
async function untilAborted<R>(promise: Promise<R>, signal: AbortSignal | undefined): Promise<R> {
  if (!signal) return promise;
  let onAbort: (() => void) | undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort!);
  }
}
