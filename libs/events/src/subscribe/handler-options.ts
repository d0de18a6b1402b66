import {
  type HandlingOptions,
  type SubscriptionFilter,
  type SubscriptionOptions,
  type ValidationProblem,
  checkHandling,
  checkSubscription,
} from '@annals/core';
import { collectProblems } from './collect-problems.ts';
import { type EventPatterns, filterOf } from './subscribe-options.ts';

/**
 * What a handler of a durable subscription may say about it: the extras of `@EventPattern`, and `subscription` of a
 * `DomainEventSubscriber`.
 *
 * @example
 * \@EventPattern('user.*', { mode: 'ordered', maxDeliver: 10 } satisfies EventHandlerExtras)
 */
export interface EventHandlerExtras extends Omit<SubscriptionOptions, 'name' | 'filter'>, HandlingOptions {
  /** The subscription's name in full; `<service>.<Class>.<method>` unless given. */
  readonly name?: string | undefined;
  /** Event types are what the decorator's pattern says. */
  readonly filter?: Omit<SubscriptionFilter, 'eventTypes'> | undefined;
}

const KNOWN: ReadonlySet<string> = new Set<keyof EventHandlerExtras>([
  'name',
  'mode',
  'filter',
  'from',
  'maxDeliver',
  'backoffMs',
  'concurrency',
  'handlerTimeoutMs',
  'onUpcastFailure',
  'onDeadLetter',
]);

/** A handler as it was found. */
export interface FoundHandler {
  /** Class, or class and method, joined by a dot. */
  readonly place: string;
  readonly extras: EventHandlerExtras;
  /** Undefined: all events. */
  readonly patterns: EventPatterns | undefined;
}

/** What all handlers of a service have in common. */
export interface HandlerService {
  /** Undefined when nothing names the service. */
  readonly serviceName: string | undefined;
  /** The tenant that it is confined to. */
  readonly ownTenantId: string | undefined;
}

/**
 * The durable subscription of a handler.
 *
 * @param problems what is wrong is added here, by the handler's place
 * @returns undefined when something is wrong
 */
export function durableOptions(
  { place, extras, patterns }: FoundHandler,
  { serviceName, ownTenantId }: HandlerService,
  problems: ValidationProblem[],
): (SubscriptionOptions & HandlingOptions) | undefined {
  const before = problems.length;
  const add = (path: string, message: string): void => void problems.push({ path: `${place}.${path}`, message });
  if (typeof extras !== 'object' || extras === null) {
    problems.push({ path: place, message: 'must have an object of options' });
    return undefined;
  }
  for (const field of Object.keys(extras)) {
    if (!KNOWN.has(field)) add(field, `is no option of an event handler: ${[...KNOWN].join(', ')}`);
  }
  if (extras.filter && 'eventTypes' in extras.filter) add('filter.eventTypes', 'must not be given beside patterns');
  const name = extras.name ?? (serviceName === undefined ? undefined : `${serviceName}.${place}`);
  if (name === undefined) {
    add('name', 'needs the name of the service: give EventsModule a serviceName, or the handler a name');
    return undefined;
  }
  const options = { ...extras, name, filter: filterOf(extras.filter, patterns, ownTenantId) };
  collectProblems(() => checkSubscription(options), add);
  collectProblems(() => checkHandling(options), add);
  return problems.length === before ? options : undefined;
}

/** Adds a problem for every name that two handlers would share. */
export function checkDistinctNames(
  handlers: readonly { readonly name: string; readonly place: string }[],
  problems: ValidationProblem[],
): void {
  const places = new Map<string, string>();
  for (const { name, place } of handlers) {
    const other = places.get(name);
    if (other !== undefined) {
      const message = `${name} is the name of ${other} too: give one of them a name of its own, or they share their events`;
      problems.push({ path: `${place}.name`, message });
    }
    places.set(name, place);
  }
}
