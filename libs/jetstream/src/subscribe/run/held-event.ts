import type { Delivery, DeliveryCause, RecordedEvent } from '@annals/core';
import type { Acks } from './acks.ts';
import type { Held } from './in-hand.ts';

/** An event in hand, which is also what its handler is told of the delivery. */
export class HeldEvent implements Held, Delivery {
  begun = false;
  heldSinceMs = performance.now();
  attempt: number;
  cause: DeliveryCause = 'subscription';
  replayId: string | undefined;

  constructor(
    readonly sequence: number,
    readonly bytes: number,
    public reply: string,
    public deliveries: number,
    readonly event: RecordedEvent,
    private readonly acks: Acks,
  ) {
    this.attempt = deliveries;
  }

  onExtend(): void {
    this.acks.extend(this.reply);
  }
}
