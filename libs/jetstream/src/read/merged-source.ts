import { type Direction, type Position, type RecordedEvent, compareTimestamps } from '@annals/core';
import type { ChunkSource } from './chunk-source.ts';

/** What can be merged: it has a place in a stream, and a time. */
export interface Recorded {
  readonly position: Position;
  readonly recordedAt: string;
}

interface Lane<T> {
  readonly source: ChunkSource<T>;
  chunk: readonly T[];
  at: number;
}

/**
 * Merges the events of several streams by the time they were recorded, then by the stream's name. The order of each stream
 * is kept whatever its times say.
 */
export class MergedSource<T extends Recorded = RecordedEvent> implements ChunkSource<T> {
  private readonly lanes: Lane<T>[];
  private begun = false;

  constructor(
    sources: readonly ChunkSource<T>[],
    private readonly direction: Direction,
  ) {
    this.lanes = sources.map((source) => ({ source, chunk: [], at: 0 }));
  }

  /** Events up to where one of the streams has to be asked again. */
  async nextChunk(): Promise<readonly T[] | undefined> {
    const empty = this.begun ? this.lanes.filter(({ chunk, at }) => at === chunk.length) : [...this.lanes];
    this.begun = true;
    await Promise.all(empty.map((lane) => this.refill(lane)));
    const merged: T[] = [];
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

  private async refill(lane: Lane<T>): Promise<void> {
    const chunk = await lane.source.nextChunk();
    lane.chunk = chunk ?? [];
    lane.at = 0;
    if (chunk) return;
    lane.source.close();
    this.lanes.splice(this.lanes.indexOf(lane), 1);
  }

  private firstTwo(): [Lane<T>, Lane<T> | undefined] {
    let [first, second] = this.lanes as [Lane<T>, Lane<T> | undefined];
    if (second && this.compareLanes(second, first) < 0) [first, second] = [second, first];
    for (let i = 2; i < this.lanes.length; i++) {
      const lane = this.lanes[i]!;
      if (this.compareLanes(lane, first) < 0) [first, second] = [lane, first];
      else if (this.compareLanes(lane, second!) < 0) second = lane;
    }
    return [first, second];
  }

  private compareLanes(a: Lane<T>, b: Lane<T>): number {
    return this.compare(a.chunk[a.at]!, b.chunk[b.at]!);
  }

  private compare(a: T, b: T): number {
    const order =
      compareTimestamps(a.recordedAt, b.recordedAt) ||
      (a.position.stream < b.position.stream ? -1 : a.position.stream > b.position.stream ? 1 : 0);
    return this.direction === 'forwards' ? order : -order;
  }
}
