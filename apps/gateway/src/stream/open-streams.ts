import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { HttpProblem } from '../problem/http-problem.ts';

/** Bounds how many NDJSON answers are under way: each holds a read of the store open for as long as its client likes. */
export class OpenStreams {
  #open = 0;

  constructor(
    private readonly max: number,
    private readonly metrics: ApiMetrics,
  ) {}

  /** Runs `stream` as one of them. @throws HttpProblem `too-many-streams` */
  async run<Result>(stream: () => Promise<Result>): Promise<Result> {
    if (this.#open >= this.max) {
      throw new HttpProblem('too-many-streams', `${this.max} streams are open already: wait, or ask for pages.`, {
        limit: this.max,
      });
    }
    this.#open++;
    this.metrics.streamOpened();
    try {
      return await stream();
    } finally {
      this.#open--;
      this.metrics.streamClosed();
    }
  }
}
