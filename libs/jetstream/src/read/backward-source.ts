import type { ChunkSource } from './chunk-source.ts';
import type { SequenceRange } from './sequence-range.ts';

/** An item of a stream, its place and its size. */
export interface PlacedItem<T> {
  readonly item: T;
  readonly sequence: number;
  readonly bytes: number;
}

/** What a window keeps at most; of more it keeps the newest. */
const MAX_ITEMS = 4_096;
const MAX_BYTES = 4 * 1024 * 1024;
const MIN_WIDTH = 64;
const MAX_WIDTH = 4 * 1024 * 1024;
const WIDEN = 4;

/**
 * Reads a stream backwards, which JetStream does not: window by window from the end, each read forwards and turned round.
 *
 * The windows widen fourfold while little is found and shrink to what fits, so that a sparse filter takes few windows and
 * a dense one little memory. The work is bounded by the span between the first and the last sequence that is handed out:
 * the server looks through all of it, matching or not, and where a dense stretch follows a sparse one the window that
 * meets it is read again in part.
 */
export class BackwardSource<T> implements ChunkSource<T> {
  private to: number;
  private window: ChunkSource<PlacedItem<T>> | undefined;
  private closed = false;

  /**
   * @param openWindow a source of all items in a range, ascending
   * @param width sequences in the first window
   */
  constructor(
    private readonly openWindow: (range: SequenceRange) => ChunkSource<PlacedItem<T>>,
    private readonly range: SequenceRange,
    private width: number,
  ) {
    this.to = range.to;
  }

  async nextChunk(): Promise<readonly T[] | undefined> {
    while (this.to >= this.range.from && !this.closed) {
      const from = Math.max(this.range.from, this.to - this.width + 1);
      const { items, dropped } = await this.read({ from, to: this.to });
      const lowest = dropped ? items[0]!.sequence : from;
      if (dropped) this.width = Math.max(MIN_WIDTH, this.to - lowest + 1);
      else if (items.length < MAX_ITEMS / WIDEN) this.width = Math.min(MAX_WIDTH, this.width * WIDEN);
      this.to = lowest - 1;
      if (items.length > 0) return items.map(({ item }) => item).reverse();
    }
    return undefined;
  }

  close(): void {
    this.closed = true;
    this.window?.close();
  }

  private async read(range: SequenceRange): Promise<{ items: PlacedItem<T>[]; dropped: boolean }> {
    const window = this.openWindow(range);
    this.window = window;
    let items: PlacedItem<T>[] = [];
    let bytes = 0;
    let first = 0;
    let dropped = false;
    try {
      for (let chunk = await window.nextChunk(); chunk && !this.closed; chunk = await window.nextChunk()) {
        for (const next of chunk) {
          items.push(next);
          bytes += next.bytes;
        }
        for (; items.length - first > MAX_ITEMS || (bytes > MAX_BYTES && items.length - first > 1); first++) {
          bytes -= items[first]!.bytes;
        }
        if (first > MAX_ITEMS) {
          items = items.slice(first);
          first = 0;
          dropped = true;
        }
      }
    } finally {
      window.close();
    }
    return { items: items.slice(first), dropped: dropped || first > 0 };
  }
}
