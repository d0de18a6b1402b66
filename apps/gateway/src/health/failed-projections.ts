import type { EventStore } from '@annals/core';

/** Probes come every few seconds; what they are told may be this old. */
const KEPT_MS = 10_000;

/** Which projections fail, as was known a moment ago: a probe never waits for it. */
export class FailedProjections {
  #names: readonly string[] = [];
  #askedAt = -Infinity;

  /** @param store throws while there is none */
  constructor(private readonly store: () => EventStore) {}

  get names(): readonly string[] {
    if (performance.now() - this.#askedAt >= KEPT_MS) {
      this.#askedAt = performance.now();
      void this.#ask();
    }
    return this.#names;
  }

  async #ask(): Promise<void> {
    try {
      const all = await this.store().projections.list();
      this.#names = all.filter(({ state }) => state === 'failed').map(({ name }) => name);
    } catch {
      // The store's own state is told beside it.
    }
  }
}
