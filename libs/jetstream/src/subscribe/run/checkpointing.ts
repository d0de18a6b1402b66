import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import type { HandlingParts } from './handling-parts.ts';

/** Saves now and then how far a consumer is, for the case that it vanishes, and sees to it that it delivers. */
export class Checkpointing {
  private timer: NodeJS.Timeout | undefined;
  private saving: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: Pick<HandlingParts, 'keeper' | 'logger'>,
    private readonly everyMs: number,
    private readonly subscription: string,
    private readonly consumer: SubscriptionConsumer,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.save(), this.everyMs);
    this.timer.unref();
  }

  /** Saves a last time. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.save();
  }

  private save(): Promise<void> {
    this.saving = this.saving.then(() => this.saveNow());
    return this.saving;
  }

  private async saveNow(): Promise<void> {
    try {
      await this.parts.keeper.saveCheckpoint(this.subscription, this.consumer);
    } catch (error) {
      this.parts.logger.debug('a checkpoint could not be saved', { subscription: this.subscription, error });
    }
  }
}
