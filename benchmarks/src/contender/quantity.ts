import type { ReadSummary } from './contender.ts';

/** Adds up what a reader saw; the reducer of the benchmark. */
export class QuantitySum implements ReadSummary {
  events = 0;
  quantity = 0;

  add(event: { readonly data: unknown }): void {
    this.events++;
    this.quantity += (event.data as { readonly quantity: number }).quantity;
  }
}
