import type { EventStore } from '@annals/core';
import type { FastifyReply } from 'fastify';
import type { ApiMetrics, ReadOperation } from '../metrics/api-metrics.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import { afterThisTurn } from './after-this-turn.ts';
import { tookTooLong, within } from './deadline.ts';

/** Makes the body of an answer out of the store. */
export type ReadBody<Body> = (store: EventStore, signal: AbortSignal) => Promise<Body>;

/** Reads from the store and answers with what was read: within the time of a request, and measured. */
export class Answers {
  constructor(
    private readonly connection: StoreConnection,
    private readonly metrics: ApiMetrics,
    /** Milliseconds that a request may take. */
    readonly timeoutMs: number,
  ) {}

  /** The open store. @throws StoreUnavailable */
  get store(): EventStore {
    return this.connection.store;
  }

  /** Begins the time of a request: what it returns throws once that is over, for work that leaves timers no turn. */
  timer(): () => void {
    const deadline = performance.now() + this.timeoutMs;
    return () => {
      if (performance.now() > deadline) throw tookTooLong(this.timeoutMs);
    };
  }

  /** Sends what `readBody` makes as JSON. @throws what it throws, and HttpProblem `request-timeout` */
  async send<Body extends object>(
    operation: ReadOperation,
    reply: FastifyReply,
    readBody: ReadBody<Body>,
  ): Promise<void> {
    const { store } = this;
    await this.measured(operation, async () => {
      await afterThisTurn();
      const body = await within(this.timeoutMs, (signal) => readBody(store, signal));
      void reply.send(body);
      return 'events' in body && Array.isArray(body.events) ? body.events.length : 0;
    });
  }

  /** Runs `work` within the time of a request, for what is neither measured as a read nor as an append. */
  run<Result>(work: (store: EventStore, signal: AbortSignal) => Promise<Result>): Promise<Result> {
    const { store } = this;
    return within(this.timeoutMs, (signal) => work(store, signal));
  }

  /** Counts and times `read`, which tells how many events it answered with. */
  async measured(operation: ReadOperation, read: () => Promise<number>): Promise<void> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1_000;
    try {
      const events = await read();
      this.metrics.observeRead(operation, 'answered', seconds(), events);
    } catch (error) {
      this.metrics.observeRead(operation, 'failed', seconds(), 0);
      throw error;
    }
  }
}
