import { type RecordedEvent, matchesFilter } from '@annals/core';
import type { ConsumerKeeper } from '../subscription-consumer.ts';

const FRESH_MS = 2_000;

/**
 * What the subscription wants as any process declared it last. While versions of a service replace each other, the consumer
 * may bring events that only the new one wants.
 */
export class DeclaredFilter {
  private asked: { readonly atMs: number; readonly filter: ReturnType<DeclaredFilter['ask']> } | undefined;

  constructor(
    private readonly keeper: ConsumerKeeper,
    private readonly subscription: string,
  ) {}

  /** @throws SubscriptionNotFound, StoreUnavailable */
  async wants(event: RecordedEvent): Promise<boolean> {
    const nowMs = performance.now();
    if (!this.asked || nowMs - this.asked.atMs > FRESH_MS) this.asked = { atMs: nowMs, filter: this.ask() };
    return matchesFilter(event, await this.asked.filter);
  }

  private async ask() {
    return (await this.keeper.declared(this.subscription)).filter;
  }
}
