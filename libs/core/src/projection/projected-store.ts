import type { EventStore } from '../store/event-store.ts';
import type { Checkpoint } from './checkpoint.ts';

/** What running projections takes of a store. Its events are as they are stored. */
export interface ProjectedStore extends Pick<EventStore, 'follow' | 'count' | 'readAll'> {
  /**
   * The newest sequence of each stream, as its leader knows it: what was acknowledged before lies at or below.
   *
   * @throws StoreUnavailable
   */
  heads(): Promise<Checkpoint>;
}
