import type { RequestChannel } from '../../connection/request-channel.ts';
import { statusOf } from '../../header/header-block.ts';
import { PRIORITY_GROUP } from '../consumer/consumer-config.ts';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';

const WRONG_PIN = 423;

/**
 * The place of the active replica, which the server gives to another one when it is not asked for something in time: open
 * pulls, deliveries and acknowledgements do not count (nats-server 2.15.1). So it is asked for a message of one byte, which
 * no message has: that gets an answer at once, and nothing else.
 *
 * The replica itself knows how long its place is safe: one that was frozen must begin nothing when it wakes.
 */
export class PinLease {
  private readonly subject: string;
  private pinId: string | undefined;
  private validUntilMs = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly channel: RequestChannel,
    private readonly consumer: SubscriptionConsumer,
    private readonly timeoutMs: number,
    private readonly onLost: () => void,
  ) {
    this.subject = `$JS.API.CONSUMER.MSG.NEXT.${consumer.binding.name}.${consumer.name}`;
  }

  /** True while no other replica can be active. */
  get held(): boolean {
    return performance.now() < this.validUntilMs;
  }

  /**
   * The server has given the place to this replica.
   *
   * @returns once the server has answered; false when it is gone already: the process slept, or was busy
   */
  async hold(pinId: string): Promise<boolean> {
    this.release();
    this.pinId = pinId;
    this.validUntilMs = performance.now() + this.timeoutMs;
    this.timer = setInterval(() => this.renewOrLose(), this.timeoutMs / 4);
    this.timer.unref();
    await this.renew(pinId);
    return this.pinId === pinId && this.held;
  }

  /** Lets it lapse. */
  release(): void {
    clearInterval(this.timer);
    this.pinId = undefined;
    this.validUntilMs = 0;
  }

  /** Lets another replica have it at once. @throws RequestFailed */
  async giveUp(): Promise<void> {
    this.release();
    const { binding, name } = this.consumer;
    const body = JSON.stringify({ group: PRIORITY_GROUP });
    await this.channel.request(`$JS.API.CONSUMER.UNPIN.${binding.name}.${name}`, body, { timeoutMs: this.timeoutMs });
  }

  private renewOrLose(): void {
    if (this.pinId === undefined) return;
    if (this.held) void this.renew(this.pinId);
    else this.lose();
  }

  private async renew(pinId: string): Promise<void> {
    const sentMs = performance.now();
    const body = JSON.stringify({ batch: 1, max_bytes: 1, no_wait: true, group: PRIORITY_GROUP, id: pinId });
    try {
      const reply = await this.channel.request(this.subject, body, { timeoutMs: this.timeoutMs });
      if (this.pinId !== pinId) return;
      // "Nothing there" is also told to one who has lost the place, so it proves nothing once the time was over.
      if (statusOf(reply) === WRONG_PIN || !this.held) this.lose();
      else this.validUntilMs = Math.max(this.validUntilMs, sentMs + this.timeoutMs);
    } catch {
      // Whoever gets no answer loses the place when the time is over.
    }
  }

  private lose(): void {
    this.release();
    this.onLost();
  }
}
