import type { Held } from './in-hand.ts';

/** What a replica had in hand when it lost its place, and has still when it wins that again. */
export class CarriedOver {
  private running = new Set<Held>();
  /** Sequences of what was settled while a newer delivery of it may have been on its way. */
  private readonly settled = new Set<number>();

  /** The place was lost. */
  take(held: Iterable<Held>): void {
    this.running = new Set(held);
  }

  /** The place is won again; what is settled by now will not be delivered again. */
  begin(): void {
    this.settled.clear();
  }

  onDeliveredAgain(item: Held): void {
    this.running.delete(item);
  }

  onSettled(item: Held): void {
    if (this.running.delete(item)) this.settled.add(item.sequence);
  }

  /** True, once, for what need not run again. */
  wasSettled(sequence: number): boolean {
    return this.settled.delete(sequence);
  }

  forget(): void {
    this.running.clear();
    this.settled.clear();
  }
}
