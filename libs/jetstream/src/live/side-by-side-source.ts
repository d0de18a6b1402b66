import type { ChunkSource } from '../read/chunk-source.ts';

interface Lane<T> {
  readonly source: ChunkSource<T>;
  chunk: readonly T[] | undefined;
  asked: boolean;
}

/**
 * Hands out the chunks of several endless sources as they come, in turn where several have one. A source is asked for its
 * next chunk when the one before was taken. It ends with the first source that ends or fails.
 */
export class SideBySideSource<T> implements ChunkSource<T> {
  private readonly lanes: Lane<T>[];
  private next = 0;
  private ended = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  constructor(sources: readonly ChunkSource<T>[]) {
    this.lanes = sources.map((source) => ({ source, chunk: undefined, asked: false }));
  }

  async nextChunk(): Promise<readonly T[] | undefined> {
    for (const lane of this.lanes) if (!lane.asked) this.ask(lane);
    for (;;) {
      const chunk = this.takeTurn();
      if (chunk) return chunk;
      if (this.failure) throw this.failure;
      if (this.ended) return undefined;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  close(): void {
    for (const lane of this.lanes) {
      lane.chunk = undefined;
      lane.source.close();
    }
    this.end();
  }

  private takeTurn(): readonly T[] | undefined {
    const count = this.lanes.length;
    for (let i = 0; i < count; i++) {
      const lane = this.lanes[(this.next + i) % count]!;
      const { chunk } = lane;
      if (!chunk) continue;
      lane.chunk = undefined;
      lane.asked = false;
      this.next = (this.next + i + 1) % count;
      return chunk;
    }
    return undefined;
  }

  // Not a race of promises: those of a quiet stream would gather a reaction for every chunk of a busy one.
  private ask(lane: Lane<T>): void {
    lane.asked = true;
    lane.source.nextChunk().then(
      (chunk) => {
        if (!chunk) return this.end();
        lane.chunk = chunk;
        this.wakeUp();
      },
      (error: unknown) => this.end(error as Error),
    );
  }

  private end(failure?: Error): void {
    this.failure ??= failure;
    this.ended = true;
    this.wakeUp();
  }

  private wakeUp(): void {
    const { wake } = this;
    this.wake = undefined;
    wake?.();
  }
}
