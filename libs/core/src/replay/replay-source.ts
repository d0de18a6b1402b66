import type { Position, RecordedEvent } from '../event/event-message.ts';

/** One place of the log, as a replay comes across it. */
export interface ReplayItem {
  readonly position: Position;
  readonly recordedAt: string;
  /** Absent where nothing is to be handed over: the place is only passed. */
  readonly event?: RecordedEvent | undefined;
  /** Why what is stored there is no event that could be handed over. */
  readonly damage?: string | undefined;
}

/** The events of a replay from its checkpoint on, in the order of their streams. */
export interface ReplaySource {
  /** The next places, at least one; undefined at the end. @throws StoreUnavailable */
  next(): Promise<readonly ReplayItem[] | undefined>;
  /** Told after the progress was saved: all up to these positions is done. */
  settle(checkpoint: readonly Position[]): void;
  /** A waiting `next` ends. */
  close(): void;
}
