import type { ProjectionRecords, ProjectionTurn, PublishedProjection, WantedProjection } from '@annals/core';

/** What is known of projections, in this process. */
export class InMemoryProjectionRecords implements ProjectionRecords {
  readonly #wanted = new Map<string, WantedProjection>();
  readonly #published = new Map<string, string>();
  readonly #turns = new Map<string, AbortController>();

  async takeTurn(name: string): Promise<ProjectionTurn | undefined> {
    if (this.#turns.has(name)) return undefined;
    const lost = new AbortController();
    this.#turns.set(name, lost);
    const isHeld = (): boolean => this.#turns.get(name) === lost;
    const release = async (): Promise<void> => {
      if (isHeld()) this.#turns.delete(name);
    };
    return {
      get isHeld() {
        return isHeld();
      },
      lost: lost.signal,
      release,
    };
  }

  async wanted(name: string): Promise<WantedProjection> {
    return this.#wanted.get(name) ?? { paused: false };
  }

  async publish(published: PublishedProjection): Promise<void> {
    this.#published.set(published.status.name, JSON.stringify(published));
  }

  async names(): Promise<readonly string[]> {
    return [...this.#published.keys()].sort();
  }

  async published(name: string): Promise<PublishedProjection | undefined> {
    const json = this.#published.get(name);
    return json === undefined ? undefined : (JSON.parse(json) as PublishedProjection);
  }

  async isRun(name: string): Promise<boolean> {
    return this.#turns.has(name);
  }

  async want(name: string, change: (wanted: WantedProjection) => WantedProjection): Promise<void> {
    this.#wanted.set(name, change(await this.wanted(name)));
  }

  async forget(name: string): Promise<void> {
    this.#wanted.delete(name);
    this.#published.delete(name);
  }
}
