import type { EventStore } from '@annals/core';
import { LRUCache } from 'lru-cache';
import type { EventToLoad } from './event-to-load.ts';

const MAX_REMEMBERED = 20_000;
const LOOKUPS_IN_FLIGHT = 64;

/** How far each aggregate was when the load first came to it. Remembers many; one that was forgotten is asked for again. */
export class KnownHeads {
  private readonly heads = new LRUCache<string, number>({ max: MAX_REMEMBERED });

  constructor(private readonly store: Pick<EventStore, 'currentVersion'>) {}

  /** The events that are above their aggregate's head. */
  async leaveOutStored(events: readonly EventToLoad[]): Promise<readonly EventToLoad[]> {
    const unknown = new Map<string, EventToLoad['aggregate']>();
    const known = new Map<string, number>();
    for (const { aggregate } of events) {
      const key = keyOf(aggregate);
      const head = this.heads.get(key);
      if (head === undefined) unknown.set(key, aggregate);
      else known.set(key, head);
    }
    const waiting = [...unknown];
    const lookUp = async () => {
      for (let next = waiting.pop(); next; next = waiting.pop()) {
        const [key, aggregate] = next;
        const head = await this.store.currentVersion(aggregate);
        this.heads.set(key, head);
        known.set(key, head);
      }
    };
    await Promise.all(Array.from({ length: Math.min(LOOKUPS_IN_FLIGHT, waiting.length) }, lookUp));
    return events.filter(({ aggregate, version }) => version > known.get(keyOf(aggregate))!);
  }
}

function keyOf({ type, id }: EventToLoad['aggregate']): string {
  return `${type}/${id}`;
}
