import { type AppendAllOptions, type AppendResult, type EventStore, ValidationError } from '@annals/core';
import { type Correlation, currentCorrelation } from '../correlation/correlation.ts';
import { type AppendPlan, planAppend } from './append-plan.ts';
import { errorInCallersTerms, resultInCallersOrder } from './caller-view.ts';
import type { EventToPublish, PublishDefaults } from './event-to-publish.ts';

/** Publishes one event; problems are reported by the names of its fields. */
export function publishOne(
  store: EventStore,
  event: EventToPublish,
  options: AppendAllOptions,
  defaults: PublishDefaults,
): Promise<AppendResult> {
  return publish(store, [event], options, defaults, () => '');
}

/** Publishes events, all or nothing; problems are reported at `events.<index>`. */
export function publishAll(
  store: EventStore,
  events: readonly EventToPublish[],
  options: AppendAllOptions,
  defaults: PublishDefaults,
): Promise<AppendResult> {
  return publish(store, events, options, defaults, (index) => `events.${index}`);
}

async function publish(
  store: EventStore,
  events: readonly EventToPublish[],
  options: AppendAllOptions,
  defaults: PublishDefaults,
  pathOf: (index: number) => string,
): Promise<AppendResult> {
  const correlation = currentCorrelation();
  const plan = planAppend(events, correlation, defaults, pathOf);
  if (plan.parts.length === 0) throw new ValidationError([{ path: 'events', message: 'must hold at least one event' }]);
  try {
    return resultInCallersOrder(await append(store, plan, traced(options, correlation)), plan);
  } catch (error) {
    throw errorInCallersTerms(error, plan, pathOf);
  }
}

/** A single aggregate takes the shorter way: the store sends one event as a plain message. */
function append(store: EventStore, plan: AppendPlan, options: AppendAllOptions): Promise<AppendResult> {
  const [part] = plan.parts;
  if (plan.parts.length > 1 || !part?.aggregate) return store.appendAll(plan.parts, options);
  return store.append(part.aggregate, part.events, { ...options, expectedVersion: part.expectedVersion });
}

function traced(options: AppendAllOptions, { traceContext }: Correlation): AppendAllOptions {
  return options.traceContext === undefined && traceContext !== undefined ? { ...options, traceContext } : options;
}
