import type { EventStore } from '../store/event-store.ts';
import type { Checkpoint } from '../projection/checkpoint.ts';

/** What running processes takes of a store. Its events are as they are stored. */
export interface ProcessStore extends Pick<EventStore, 'follow' | 'count' | 'readAll' | 'appendAll'> {
  /**
   * The newest sequence of each stream, as its leader knows it.
   *
   * @throws StoreUnavailable
   */
  heads(): Promise<Checkpoint>;
}
