import { HttpProblem } from '../problem/http-problem.ts';
import type { LiveMetrics, Transport } from './live-metrics.ts';

/** A connected client. */
export interface LiveClient {
  readonly transport: Transport;
  /** Looks whether a sign of life is due, and whether the client still takes what it is sent. */
  tick(): void;
  /** Ends it with a reason that the client is told. */
  end(problem: HttpProblem): void;
}

/** Looked at so often at most. */
const LONGEST_TICK_MS = 1_000;
const SHORTEST_TICK_MS = 10;

/** All clients of a gateway: how many there may be, and what they have in common. */
export class LiveClients {
  readonly #clients = new Set<LiveClient>();
  #ticker: NodeJS.Timeout | undefined;
  #reserved = 0;
  #closing = false;

  constructor(
    private readonly limits: {
      readonly maxClients: number;
      readonly heartbeatMs: number;
      readonly stallTimeoutMs: number;
    },
    private readonly metrics: LiveMetrics,
  ) {}

  /**
   * Keeps a place for a client that is about to connect.
   *
   * @returns gives it back; what was admitted keeps it
   * @throws HttpProblem `too-many-live-clients`, `shutting-down`
   */
  reserve(): () => void {
    if (this.#closing) throw goingAway();
    const { maxClients } = this.limits;
    if (this.#clients.size + this.#reserved >= maxClients) {
      throw new HttpProblem(
        'too-many-live-clients',
        `${maxClients} live clients are connected already: try again later, or another gateway.`,
        { limit: maxClients },
      );
    }
    this.#reserved++;
    let isReserved = true;
    return () => {
      if (isReserved) this.#reserved--;
      isReserved = false;
    };
  }

  /** Takes a client in; its reservation is to be given back then. */
  add(client: LiveClient): void {
    this.#clients.add(client);
    this.metrics.clientConnected(client.transport);
    const { heartbeatMs, stallTimeoutMs } = this.limits;
    const tickMs = Math.min(LONGEST_TICK_MS, heartbeatMs / 4, stallTimeoutMs / 4);
    this.#ticker ??= setInterval(() => this.#tick(), Math.max(SHORTEST_TICK_MS, tickMs));
    if (this.#closing) client.end(goingAway());
  }

  remove(client: LiveClient): void {
    if (!this.#clients.delete(client)) return;
    this.metrics.clientGone(client.transport);
    if (this.#clients.size > 0) return;
    clearInterval(this.#ticker);
    this.#ticker = undefined;
  }

  /** Ends all of them, and lets no more in. */
  close(): void {
    this.#closing = true;
    for (const client of [...this.#clients]) client.end(goingAway());
  }

  #tick(): void {
    for (const client of this.#clients) client.tick();
  }
}

/** What clients are told when the gateway shuts down. */
export function goingAway(): HttpProblem {
  return new HttpProblem(
    'shutting-down',
    'The gateway is shutting down: connect again, and go on behind the last event.',
  );
}

/** What a client is told that takes too little. */
export function tooSlow(stallTimeoutMs: number): HttpProblem {
  return new HttpProblem(
    'live-client-too-slow',
    `Nothing was taken for ${stallTimeoutMs} ms while events waited: take faster or narrow the filter, and go on behind the last event.`,
  );
}
