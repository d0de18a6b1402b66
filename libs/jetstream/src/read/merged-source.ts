import { type Direction, type RecordedEvent, compareTimestamps } from '@annals/core';
import type { ChunkSource } from './chunk-source.ts';

interface Lane {
  readonly source: ChunkSource<RecordedEvent>;
  chunk: readonly RecordedEvent[];
  at: number;
}

/**
 * Merges the events of several streams by the time they were recorded, then by the stream's name. The order of each stream
 * is kept whatever its times say.
 */
export class MergedSource implements ChunkSource<RecordedEvent> {
  private readonly lanes: Lane[];
  private begun = false;

  constructor(
    sources: readonly ChunkSource<RecordedEvent>[],
    private readonly direction: Direction,
  ) {
    this.lanes = sources.map((source) => ({ source, chunk: [], at: 0 }));
  }

  /** Events up to where one of the streams has to be asked again. */
  async nextChunk(): Promise<readonly RecordedEvent[] | undefined> {
    const empty = this.begun ? this.lanes.filter(({ chunk, at }) => at === chunk.length) : [...this.lanes];
    this.begun = true;
    await Promise.all(empty.map((lane) => this.refill(lane)));
    const merged: RecordedEvent[] = [];
    while (this.lanes.length > 0) {
      const [first, second] = this.firstTwo();
      const before = second?.chunk[second.at];
      // One stream's run goes on until another's next event comes first.
      do merged.push(first.chunk[first.at++]!);
      while (first.at < first.chunk.length && (!before || this.compare(first.chunk[first.at]!, before) < 0));
      if (first.at === first.chunk.length) return merged;
    }
    return undefined;
  }

  close(): void {
    for (const { source } of this.lanes) source.close();
  }

  private async refill(lane: Lane): Promise<void> {
    const chunk = await lane.source.nextChunk();
    lane.chunk = chunk ?? [];
    lane.at = 0;
    if (chunk) return;
    lane.source.close();
    this.lanes.splice(this.lanes.indexOf(lane), 1);
  }

  private firstTwo(): [Lane, Lane | undefined] {
    let [first, second] = this.lanes as [Lane, Lane | undefined];
    if (second && this.compareLanes(second, first) < 0) [first, second] = [second, first];
    for (let i = 2; i < this.lanes.length; i++) {
      const lane = this.lanes[i]!;
      if (this.compareLanes(lane, first) < 0) [first, second] = [lane, first];
      else if (this.compareLanes(lane, second!) < 0) second = lane;
    }
    return [first, second];
  }

  private compareLanes(a: Lane, b: Lane): number {
    return this.compare(a.chunk[a.at]!, b.chunk[b.at]!);
  }

  private compare(a: RecordedEvent, b: RecordedEvent): number {
    const order =
      compareTimestamps(a.recordedAt, b.recordedAt) ||
      (a.position.stream < b.position.stream ? -1 : a.position.stream > b.position.stream ? 1 : 0);
    return this.direction === 'forwards' ? order : -order;
  }
}
