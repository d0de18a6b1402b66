import {
  type EventHandler,
  type HandlingOptions,
  type SubscriptionFilter,
  type SubscriptionOptions,
  ValidationError,
  type ValidationProblem,
  checkHandling,
  checkSubscription,
} from '@annals/core';
import { collectProblems } from './collect-problems.ts';
import type { LiveDefinition } from './live-subscription.ts';

/**
 * How to subscribe to events.
 *
 * With a `name` the subscription is durable: the store keeps its place, events that came while no process ran are handed
 * over, failing ones are tried again. Without one it is live: events that come while this process runs, each once.
 */
export interface SubscribeOptions extends Omit<SubscriptionOptions, 'name'>, HandlingOptions {
  /** Of a durable subscription; 1–100 characters of `A-Z a-z 0-9 _ - . :`. Processes that name the same one share it. */
  readonly name?: string | undefined;
  /**
   * Where to begin. Live: `'now'` unless given. Durable, for one that is made anew: `'beginning'` unless given.
   */
  readonly from?: SubscriptionOptions['from'];
}

/** Event types or patterns: `user.created`, `user.*`, `user.>`. */
export type EventPatterns = string | readonly string[];

/** Whatever a caller wrote: an implementation of overloads cannot trust its types. */
export type SubscribeArguments = readonly [first: unknown, second?: unknown, third?: unknown];

/** What was asked for. */
export type Wanted = {
  readonly handler: EventHandler;
} & (
  | { readonly durable: SubscriptionOptions & HandlingOptions; readonly live?: undefined }
  | { readonly live: Omit<LiveDefinition, 'name'>; readonly durable?: undefined }
);

const DURABLE_ONLY = ['mode', 'maxDeliver', 'backoffMs', 'onDeadLetter', 'concurrency'] as const;
const KNOWN: ReadonlySet<string> = new Set<keyof SubscribeOptions>([
  'name',
  'filter',
  'from',
  'handlerTimeoutMs',
  'onUpcastFailure',
  ...DURABLE_ONLY,
]);

/**
 * Tells the ways apart in which `subscribeToEvents` is called: `(callback, options?)`, `(patterns, callback, options?)`,
 * `(options, callback)`.
 *
 * @param tenantId of the filter when it names none; undefined: all tenants
 * @throws ValidationError with every problem
 */
export function readSubscribeArguments(args: SubscribeArguments, tenantId: string | undefined): Wanted {
  const { patterns, handler, options } = tellApart(args);
  const problems: ValidationProblem[] = [];
  if (typeof handler !== 'function') problems.push({ path: 'callback', message: 'must be a function' });
  for (const field of Object.keys(options)) {
    if (!KNOWN.has(field)) problems.push({ path: field, message: 'is no option of subscribeToEvents' });
  }
  if (patterns !== undefined && options.filter?.eventTypes !== undefined) {
    problems.push({ path: 'filter.eventTypes', message: 'must not be given beside patterns' });
  }
  const filter = filterOf(options.filter, patterns, tenantId);
  const live = options.name === undefined;
  if (live) {
    for (const field of DURABLE_ONLY) {
      if (options[field] === undefined) continue;
      problems.push({ path: field, message: 'needs a name: only a durable subscription tries again and is shared' });
    }
  }
  const add = (path: string, message: string): void => void problems.push({ path, message });
  const from = options.from ?? (live ? 'now' : undefined);
  if (live) collectProblems(() => checkSubscription({ name: 'live', filter, from }), add);
  else collectProblems(() => checkSubscription({ ...options, name: options.name!, filter }), add);
  collectProblems(() => checkHandling(options), add);
  if (problems.length > 0) throw new ValidationError(problems);
  const found = { handler: handler as EventHandler };
  if (live) return { ...found, live: { filter, from: from!, ...checkHandling(options) } };
  return { ...found, durable: { ...options, name: options.name!, filter } };
}

/** The filter with the service's tenant, unless it names one. */
export function filterOf(
  given: SubscriptionFilter | undefined,
  patterns: EventPatterns | undefined,
  tenantId: string | undefined,
): SubscriptionFilter {
  const eventTypes = typeof patterns === 'string' ? [patterns] : patterns;
  const tenant = given?.tenantId ?? tenantId;
  return { ...given, ...(eventTypes && { eventTypes }), ...(tenant !== undefined && { tenantId: tenant }) };
}

function tellApart([first, second, third]: SubscribeArguments): {
  patterns: EventPatterns | undefined;
  handler: unknown;
  options: SubscribeOptions;
} {
  if (typeof first === 'function') {
    return { patterns: undefined, handler: first, options: (second ?? {}) as SubscribeOptions };
  }
  if (typeof first === 'string' || Array.isArray(first)) {
    return { patterns: first as EventPatterns, handler: second, options: (third ?? {}) as SubscribeOptions };
  }
  return { patterns: undefined, handler: second, options: (first ?? {}) as SubscribeOptions };
}
