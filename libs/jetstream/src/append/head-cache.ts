import { LRUCache } from 'lru-cache';
import type { LaneHead } from './lane.ts';

/**
 * The heads that this process wrote or read last, by the aggregate's subject prefix. Never trusted: every append carries
 * the expectation, so a stale head costs a refused try, not a wrong write.
 */
export class HeadCache {
  private readonly heads: LRUCache<string, LaneHead>;
  private evicted = false;
  private lastSequence = 0;

  /** @param size aggregates */
  constructor(size: number) {
    this.heads = new LRUCache({
      max: size,
      dispose: (_head, _prefix, reason) => {
        if (reason === 'evict') this.evicted = true;
      },
    });
  }

  get(prefix: string): LaneHead | undefined {
    return this.heads.get(prefix);
  }

  /** Replaces what was known: a lane is alone in knowing its aggregate's head. */
  put(prefix: string, head: LaneHead): void {
    if (head.sequence > this.lastSequence) this.lastSequence = head.sequence;
    this.heads.set(prefix, head);
  }

  /** A sequence that a read of the aggregate must have seen to know all that this process was told of it. */
  knownSequence(prefix: string): number {
    const head = this.heads.peek(prefix);
    if (head) return head.sequence;
    return this.evicted ? this.lastSequence : 0;
  }
}
