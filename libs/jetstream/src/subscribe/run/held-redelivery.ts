import type { Held } from './in-hand.ts';

/** A redelivery in hand. */
export class HeldRedelivery implements Held {
  begun = false;
  heldSinceMs = performance.now();
  /** Attempts that failed here, without another delivery. */
  failures = 0;

  constructor(
    readonly sequence: number,
    readonly bytes: number,
    public reply: string,
    public deliveries: number,
    /** One delivery was no attempt: it came before its time. */
    public isPutOff: boolean,
  ) {}

  get attempt(): number {
    return Math.max(1, this.deliveries - (this.isPutOff ? 1 : 0)) + this.failures;
  }
}
