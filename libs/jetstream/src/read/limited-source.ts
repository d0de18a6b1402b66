import type { ChunkSource } from './chunk-source.ts';

/** The first `limit` items of a source. */
export class LimitedSource<T> implements ChunkSource<T> {
  constructor(
    private readonly source: ChunkSource<T>,
    private left: number,
  ) {}

  async nextChunk(): Promise<readonly T[] | undefined> {
    if (this.left <= 0) return undefined;
    const chunk = await this.source.nextChunk();
    if (!chunk) return undefined;
    const taken = chunk.length > this.left ? chunk.slice(0, this.left) : chunk;
    this.left -= taken.length;
    return taken;
  }

  close(): void {
    this.source.close();
  }
}
