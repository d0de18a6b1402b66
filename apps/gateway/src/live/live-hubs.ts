import { HttpProblem } from '../problem/http-problem.ts';
import type { CanonicalFilter } from './live-filter.ts';
import { type HubSurroundings, LiveHub } from './live-hub.ts';

interface Entry {
  readonly hub: Promise<LiveHub>;
  users: number;
  linger: NodeJS.Timeout | undefined;
}

/** A hub that is in use until it is let go. */
export interface UsedHub {
  readonly hub: LiveHub;
  readonly letGo: () => void;
}

/** A client that reconnects finds its hub still there. */
const LINGER_MS = 5_000;

/** The hubs of a gateway, one for each filter that is followed. */
export class LiveHubs {
  readonly #entries = new Map<string, Entry>();

  constructor(
    private readonly maxFilters: number,
    private readonly surroundings: HubSurroundings,
    private readonly lingerMs = LINGER_MS,
  ) {}

  get count(): number {
    return this.#entries.size;
  }

  /** @throws HttpProblem `too-many-live-filters`, StoreUnavailable */
  async use({ key, filter }: CanonicalFilter): Promise<UsedHub> {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#makeRoom();
      entry = { hub: LiveHub.open(filter, this.surroundings), users: 0, linger: undefined };
      this.#entries.set(key, entry);
    }
    const used = entry;
    used.users++;
    clearTimeout(used.linger);
    try {
      const hub = await used.hub;
      if (!hub.ended) return { hub, letGo: () => this.#letGo(key, used) };
      // It failed: whoever comes now may have more luck with a new one.
      this.#forget(key, used);
      return await this.use({ key, filter });
    } catch (error) {
      this.#forget(key, used);
      throw error;
    }
  }

  close(): void {
    for (const [key, entry] of [...this.#entries]) this.#forget(key, entry);
  }

  #letGo(key: string, entry: Entry): void {
    if (--entry.users > 0) return;
    entry.linger = setTimeout(() => this.#forget(key, entry), this.lingerMs);
    entry.linger.unref();
  }

  #makeRoom(): void {
    if (this.#entries.size < this.maxFilters) return;
    const unused = [...this.#entries].find(([, { users }]) => users === 0);
    if (unused) return this.#forget(...unused);
    throw new HttpProblem(
      'too-many-live-filters',
      `Live clients follow by ${this.maxFilters} different filters already: use one that others use, or try again later.`,
      { limit: this.maxFilters },
    );
  }

  #forget(key: string, entry: Entry): void {
    if (this.#entries.get(key) === entry) this.#entries.delete(key);
    clearTimeout(entry.linger);
    void entry.hub.then(
      (hub) => hub.close(),
      () => {},
    );
  }
}
