import type { Lanes } from '@annals/core';

/** While somebody asks for it, one event runs at a time in this process. */
export class Caution {
  private readonly asking = new Set<unknown>();

  constructor(
    private readonly lanes: Lanes,
    private readonly concurrency: number,
  ) {}

  ask(who: unknown): void {
    this.asking.add(who);
    this.lanes.concurrency = 1;
  }

  enough(who: unknown): void {
    if (this.asking.delete(who) && this.asking.size === 0) this.lanes.concurrency = this.concurrency;
  }
}
