import { setTimeout as pause } from 'node:timers/promises';
import type { SubscriptionConsumer } from '../subscription-consumer.ts';
import type { HandlingParts } from './handling-parts.ts';

const FRESH_MS = 250;

/** Tells whether a subscription is paused: the server keeps back its new events by itself, but not what it gets again. */
export class PauseCheck {
  private asked: { readonly atMs: number; readonly isPaused: Promise<boolean> } | undefined;

  constructor(
    private readonly parts: Pick<HandlingParts, 'keeper' | 'logger'>,
    private readonly consumer: SubscriptionConsumer,
  ) {}

  /** Fulfilled when it is not paused, or when `isOver` says that nobody waits any more. */
  async whenResumed(isOver: () => boolean): Promise<void> {
    while (!isOver() && (await this.isPaused())) await pause(2 * FRESH_MS);
  }

  private isPaused(): Promise<boolean> {
    const nowMs = performance.now();
    if (!this.asked || nowMs - this.asked.atMs > FRESH_MS) this.asked = { atMs: nowMs, isPaused: this.ask() };
    return this.asked.isPaused;
  }

  private async ask(): Promise<boolean> {
    try {
      return (await this.parts.keeper.state(this.consumer)).paused;
    } catch (error) {
      this.parts.logger.debug('it is not known whether a subscription is paused', { error });
      return true;
    }
  }
}
