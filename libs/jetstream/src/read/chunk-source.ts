/** Hands out items in chunks, in order, each when it is asked for. */
export interface ChunkSource<T> {
  /** The next items, at least one; undefined at the end. Not called again before it has answered. */
  nextChunk(): Promise<readonly T[] | undefined>;
  /** Lets go of what the source holds; a waiting `nextChunk` ends. Called once at the end, whatever ended it. */
  close(): void;
}

/** A source over a generator of chunks that needs nothing closed but its own `finally`. */
export function generatedChunks<T>(chunks: AsyncGenerator<readonly T[], void, undefined>): ChunkSource<T> {
  return {
    async nextChunk() {
      for (;;) {
        const { done, value } = await chunks.next();
        if (done) return undefined;
        if (value.length > 0) return value;
      }
    },
    close: () => void chunks.return(),
  };
}

/** A source that is opened by its first `nextChunk`. */
export function deferredSource<T>(open: () => Promise<ChunkSource<T>>): ChunkSource<T> {
  let source: ChunkSource<T> | undefined;
  let closed = false;
  return {
    async nextChunk() {
      source ??= await open();
      if (!closed) return source.nextChunk();
      source.close();
      return undefined;
    },
    close() {
      closed = true;
      source?.close();
    },
  };
}
