/** Bytes of messages in hand, those that are asked for included. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_MESSAGES = 5_000;
/** Of work that lies ready: enough that no handler waits for the server, little enough that replicas share it fairly. */
const AHEAD_MS = 200;
const LOOK_MS = 50;
/** How much the newest look counts. */
const WEIGHT = 0.5;
const FORGET = 0.999;

/**
 * How many messages to have in hand: as many as are settled in a short while, so thousands with quick handlers, and twice
 * as many as run at once with slow ones.
 */
export class Prefetch {
  private readonly least: number;
  private perMs = 0;
  private settled = 0;
  private lookedMs = performance.now();
  private messages: number;
  /** What the next message may have: the largest lately. */
  private bytesEach = 1;

  constructor(concurrency: number) {
    this.least = Math.min(MAX_MESSAGES, 2 * concurrency);
    this.messages = this.least;
  }

  onArrived(bytes: number): void {
    this.bytesEach = Math.max(bytes, this.bytesEach * FORGET);
  }

  /** One more message was settled. */
  onSettled(): void {
    this.settled++;
  }

  /**
   * How many more to ask for, beside those in hand and those asked for; 0 when a request would hardly pay.
   *
   * @param behind of those in hand, how many wait for others: an aggregate whose first event waits long would keep all
   *   others back if its later ones took the room
   */
  room(inHand: { readonly size: number; readonly bytes: number }, behind: number, expected: number): number {
    const { size, bytes } = inHand;
    const fitting = Math.min(Math.floor((MAX_BYTES - bytes) / this.bytesEach), MAX_MESSAGES - size);
    // One message is taken however large it is.
    const most = Math.max(fitting, size === 0 ? 1 : 0);
    const room = Math.min(this.target() - (size - behind), most) - expected;
    return room >= Math.min(this.messages, most) / 4 || (expected === 0 && room > 0) ? room : 0;
  }

  /** Adapts to the rate; called as often as one likes. */
  private target(): number {
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.lookedMs;
    if (elapsedMs >= LOOK_MS) {
      this.perMs += WEIGHT * (this.settled / elapsedMs - this.perMs);
      this.settled = 0;
      this.lookedMs = nowMs;
      this.messages = Math.round(Math.min(MAX_MESSAGES, Math.max(this.least, this.perMs * AHEAD_MS)));
    }
    return this.messages;
  }
}
