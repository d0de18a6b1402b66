import {
  AppendOutcomeUnknown,
  type AppendResult,
  type AppendedEvent,
  type EventStore,
  isAnnalsError,
  isConcurrencyError,
} from '@annals/core';
import type { AppendResponse, AppendedEventBody } from '@annals/contract';
import { afterThisTurn } from '../http/after-this-turn.ts';
import { inTime } from '../http/deadline.ts';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import type { AppendHeaders } from './append-headers.ts';
import { type AppendPlan, planAppend } from './append-plan.ts';
import { inRequestTerms, refuseAppend } from './append-problems.ts';
import { RecordedTimes } from './recorded-times.ts';

/** What became of a posted body. */
export interface AppendAnswer {
  readonly response: AppendResponse;
  /** True when an earlier attempt had stored the events. */
  readonly repeated: boolean;
}

/** Stores what is posted. */
export class AppendService {
  readonly #times: RecordedTimes;

  constructor(
    private readonly connection: StoreConnection,
    private readonly metrics: ApiMetrics,
    private readonly timeoutMs: number,
  ) {
    this.#times = new RecordedTimes(() => connection.store, timeoutMs);
  }

  /**
   * @param tenantId from the query
   * @throws what the store throws, in terms of the request; HttpProblem `precondition-failed` for a stale If-Match
   */
  async append(body: unknown, headers: AppendHeaders, tenantId: string | undefined): Promise<AppendAnswer> {
    const plan = planAppend(body, { tenantId, precondition: headers.precondition });
    if (plan.problems.length > 0) throw refuseAppend(plan, headers.options);
    const outcome = new Outcome();
    await afterThisTurn();
    const work = this.#store(this.connection.store, plan, headers).then((result) => {
      outcome.stored = result;
      return this.#times.of(result.events.map(({ position }) => position));
    });
    let times: readonly (string | undefined)[] = [];
    try {
      times = await inTime(this.timeoutMs, work, () => new AppendOutcomeUnknown(givenIds(plan)));
    } catch (error) {
      // What is stored is stored: that its time cannot be read at this moment must not look like a failure.
      if (outcome.stored === undefined || !(isAnnalsError(error) || error instanceof HttpProblem)) throw error;
    }
    const { events, repeated } = outcome.stored!;
    return {
      response: { events: plan.order.map((place) => appendedEventBody(events[place]!, times[place])) },
      repeated,
    };
  }

  async #store(store: EventStore, plan: AppendPlan, headers: AppendHeaders): Promise<AppendResult> {
    const startedAt = performance.now();
    const seconds = (): number => (performance.now() - startedAt) / 1_000;
    try {
      const result = await store.appendAll(plan.parts, headers.options);
      this.metrics.observeAppend(result.repeated ? 'repeated' : 'stored', seconds(), result.events.length);
      return result;
    } catch (error) {
      this.metrics.observeAppend('failed', seconds());
      if (headers.precondition !== undefined && isConcurrencyError(error)) throw preconditionFailed(error);
      throw inRequestTerms(error, plan);
    }
  }
}

/** What is known of an append while it is waited for. */
class Outcome {
  stored: AppendResult | undefined;
}

function appendedEventBody(event: AppendedEvent, recordedAt: string | undefined): AppendedEventBody {
  const { messageId: id, type, aggregateType, aggregateId, version, position } = event;
  return { id, type, aggregateType, aggregateId, version, position, recordedAt } as AppendedEventBody;
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
