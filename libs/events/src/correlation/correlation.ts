import { AsyncLocalStorage } from 'node:async_hooks';
import type { RecordedEvent, TraceContext } from '@annals/core';

/** What published events carry unless their writer says otherwise. */
export interface Correlation {
  /** Of the chain of events that is going on. */
  readonly correlationId?: string | undefined;
  /** Message id of the event that leads to what is published. */
  readonly causationId?: string | undefined;
  readonly userId?: string | undefined;
  /** The tenant of every call of `EventsService` that names none, reads included. */
  readonly tenantId?: string | undefined;
  readonly traceContext?: TraceContext | undefined;
  /** The event that is handled, inside a handler. */
  readonly event?: RecordedEvent | undefined;
}

const NONE: Correlation = Object.freeze({});
const running = new AsyncLocalStorage<Correlation>();

/**
 * What is known of the chain of events that the running code belongs to; empty outside of handlers and
 * {@link runInCorrelation}.
 *
 * It follows the code through promises, timers and callbacks that the handler started.
 */
export function currentCorrelation(): Correlation {
  return running.getStore() ?? NONE;
}

/** The event that the running code handles, or undefined outside of handlers. */
export function currentEvent<T = unknown>(): RecordedEvent<T> | undefined {
  return currentCorrelation().event as RecordedEvent<T> | undefined;
}

/**
 * Runs code whose published events carry this correlation: for tests, jobs, and interceptors that take it from a request.
 *
 * It replaces the correlation that is there; to change some of it, spread `currentCorrelation()` first.
 *
 * @returns what `run` returns
 * @example
 * return runInCorrelation({ correlationId: request.headers['x-correlation-id'] }, () => this.users.register(id));
 */
export function runInCorrelation<T>(correlation: Correlation, run: () => T): T {
  return running.run(correlation, run);
}

/** The correlation of what an event leads to. */
export function correlationOf(event: RecordedEvent): Correlation {
  return {
    correlationId: event.correlationId ?? event.messageId,
    causationId: event.messageId,
    userId: event.userId,
    tenantId: event.tenantId,
    traceContext: event.traceContext,
    event,
  };
}
