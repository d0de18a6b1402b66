import {
  AppendOutcomeUnknown,
  type AppendResult,
  type EventStore,
  isAnnalsError,
  isConcurrencyError,
} from '@annals/core';
import type { AppendResponse, AppendedEventBody } from '@annals/contract';
import { inTime } from '../http/deadline.ts';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import type { AppendHeaders } from './append-headers.ts';
import { type AppendPlan, planAppend } from './append-plan.ts';
import { inRequestTerms, refuseAppend } from './append-problems.ts';

/** What became of a posted body. */
export interface AppendAnswer {
  readonly response: AppendResponse;
  /** True when an earlier attempt had stored the events. */
  readonly repeated: boolean;
}

/** Stores what is posted. */
export class AppendService {
  constructor(
    private readonly connection: StoreConnection,
    private readonly metrics: ApiMetrics,
    private readonly timeoutMs: number,
  ) {}

  /**
   * @param tenantId from the query
   * @throws what the store throws, in terms of the request; HttpProblem `precondition-failed` for a stale If-Match
   */
  async append(body: unknown, headers: AppendHeaders, tenantId: string | undefined): Promise<AppendAnswer> {
    const plan = planAppend(body, { tenantId, precondition: headers.precondition });
    if (plan.problems.length > 0) throw refuseAppend(plan, headers.options);
    const { store } = this.connection;
    const startedAt = performance.now();
    const result = await inTime(
      this.timeoutMs,
      this.#store(store, plan, headers, startedAt),
      () => new AppendOutcomeUnknown(givenIds(plan)),
    );
    return { response: { events: await this.#describe(store, result, plan, startedAt) }, repeated: result.repeated };
  }

  async #store(store: EventStore, plan: AppendPlan, headers: AppendHeaders, startedAt: number): Promise<AppendResult> {
    try {
      const result = await store.appendAll(plan.parts, headers.options);
      this.metrics.observeAppend(
        result.repeated ? 'repeated' : 'stored',
        secondsSince(startedAt),
        result.events.length,
      );
      return result;
    } catch (error) {
      this.metrics.observeAppend('failed', secondsSince(startedAt));
      if (headers.precondition !== undefined && isConcurrencyError(error)) throw preconditionFailed(error);
      throw inRequestTerms(error, plan);
    }
  }

  async #describe(
    store: EventStore,
    { events }: AppendResult,
    { order }: AppendPlan,
    startedAt: number,
  ): Promise<readonly AppendedEventBody[]> {
    const times = await this.#recordedAt(
      store,
      events.map((event) => event.position),
      startedAt,
    );
    return order.map((place) => {
      const { messageId, type, aggregateType, aggregateId, version, position } = events[place]!;
      return {
        id: messageId,
        type,
        aggregateType,
        aggregateId,
        version,
        position,
        recordedAt: times[place],
      } as AppendedEventBody;
    });
  }

  /** The events are stored: that they cannot be read back at this moment must not look like a failure. */
  async #recordedAt(
    store: EventStore,
    positions: Parameters<EventStore['recordedAt']>[0],
    startedAt: number,
  ): ReturnType<EventStore['recordedAt']> {
    const leftMs = Math.max(1, this.timeoutMs - (performance.now() - startedAt));
    try {
      return await inTime(leftMs, store.recordedAt(positions));
    } catch (error) {
      if (isAnnalsError(error) || error instanceof HttpProblem) return [];
      throw error;
    }
  }
}

function preconditionFailed(error: {
  expectedVersion: string | number;
  actualVersion: number;
  message: string;
}): HttpProblem {
  const { expectedVersion, actualVersion, message } = error;
  return new HttpProblem('precondition-failed', message, { expectedVersion, actualVersion });
}

function givenIds(plan: AppendPlan): readonly string[] {
  const events = plan.parts.flatMap((part) => part.events);
  return plan.order.flatMap((place) => events[place]?.messageId ?? []);
}

function secondsSince(startedAt: number): number {
  return (performance.now() - startedAt) / 1_000;
}
