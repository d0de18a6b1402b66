import type { Msg } from '@nats-io/transport-node';
import type { Delivery } from '../../scan/delivery.ts';
import type { Acks } from './acks.ts';

/** A message that was delivered to this process and is not settled. */
export interface Held {
  /** Of the stream that the consumer reads. */
  readonly sequence: number;
  readonly bytes: number;
  /** Subject that answers the newest delivery of it. */
  reply: string;
  /** How often the server delivered it, by the newest delivery. */
  deliveries: number;
  /** A handler has begun with it. */
  begun: boolean;
  /** When the server was last told that it is in hand, by `performance.now()`. */
  heldSinceMs: number;
}

/** A message that is no event. */
export function heldMessage(msg: Msg, { sequence, deliveries }: Delivery): Held {
  return {
    sequence,
    bytes: msg.data.length,
    reply: msg.reply!,
    deliveries,
    begun: false,
    heldSinceMs: performance.now(),
  };
}

/**
 * What one consumer delivered and is not settled: its size, and the means to keep the server from delivering it to somebody
 * else meanwhile.
 */
export class InHand<T extends Held> {
  private readonly held = new Map<number, T>();
  private heldBytes = 0;
  private readonly sweeper: NodeJS.Timeout;

  /** @param ackWaitMs of the consumer */
  constructor(
    private readonly acks: Acks,
    ackWaitMs: number,
  ) {
    const everyMs = ackWaitMs / 6;
    this.sweeper = setInterval(() => this.extendOlderThan(2 * everyMs), everyMs);
    this.sweeper.unref();
  }

  get size(): number {
    return this.held.size;
  }

  get bytes(): number {
    return this.heldBytes;
  }

  get(sequence: number): T | undefined {
    return this.held.get(sequence);
  }

  add(item: T): void {
    this.held.set(item.sequence, item);
    this.heldBytes += item.bytes;
  }

  /** False when it is no longer in hand: it was settled or let go. */
  has(item: T): boolean {
    return this.held.get(item.sequence) === item;
  }

  remove(item: T): void {
    if (!this.has(item)) return;
    this.held.delete(item.sequence);
    this.heldBytes -= item.bytes;
  }

  /** Lets go of what no handler has begun with. */
  removeWaiting(): T[] {
    const waiting = [...this.held.values()].filter(({ begun }) => !begun);
    for (const item of waiting) this.remove(item);
    return waiting;
  }

  close(): void {
    clearInterval(this.sweeper);
  }

  *[Symbol.iterator](): Iterator<T> {
    yield* this.held.values();
  }

  private extendOlderThan(ageMs: number): void {
    const nowMs = performance.now();
    for (const item of this.held.values()) {
      if (nowMs - item.heldSinceMs < ageMs) continue;
      this.acks.extend(item.reply);
      item.heldSinceMs = nowMs;
    }
  }
}
