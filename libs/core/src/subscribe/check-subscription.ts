import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { type CheckedStart, startOf } from '../live/check-start.ts';
import { checkFilter } from '../read/check-read.ts';
import type { EventHandler } from './event-handler.ts';
import {
  HANDLING_DEFAULTS,
  type HandlingOptions,
  SUBSCRIPTION_DEFAULTS,
  type SubscriptionDefinition,
  type SubscriptionOptions,
  type UpcastFailurePolicy,
} from './subscription-options.ts';

/** A subscription's name has at most this many characters. */
export const MAX_SUBSCRIPTION_NAME = 100;
const NAME = /^[A-Za-z0-9_.:-]+$/;
const MAX_BACKOFFS = 20;
const DAY_MS = 86_400_000;

/** What is wrong with `name` as the name of a subscription, or undefined when nothing is. */
export function subscriptionNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return `must be a text of 1 to ${MAX_SUBSCRIPTION_NAME} characters`;
  if (name.length > MAX_SUBSCRIPTION_NAME) return `must be at most ${MAX_SUBSCRIPTION_NAME} characters`;
  if (!NAME.test(name)) return 'must be of A-Z, a-z, 0-9, _ - . and : only';
  return name === '.' || name === '..' ? 'must be more than dots, which the path of a URL cannot name' : undefined;
}

/** @throws ValidationError */
export function checkSubscriptionName(name: string): void {
  const problem = subscriptionNameProblem(name);
  if (problem !== undefined) throw new ValidationError([{ path: 'name', message: problem }]);
}

/**
 * Checks a subscription and fills in its defaults.
 *
 * @throws ValidationError with every problem
 */
export function checkSubscription(options: SubscriptionOptions): CheckedSubscription {
  const problems: ValidationProblem[] = [];
  const checked = subscriptionOf(options, problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return checked;
}

/** Checks how a process handles events and fills in the defaults. @throws ValidationError with every problem */
export function checkHandling(options: HandlingOptions): CheckedHandling {
  const problems: ValidationProblem[] = [];
  const checked = handlingOf(options, problems);
  if (problems.length > 0) throw new ValidationError(problems);
  return checked;
}

/**
 * Checks all that `subscribe` is given, before anything is made.
 *
 * @throws ValidationError with every problem
 */
export function checkSubscribe(
  options: SubscriptionOptions & HandlingOptions,
  handler: EventHandler,
): CheckedSubscription & CheckedHandling {
  const problems: ValidationProblem[] = [];
  const checked = { ...subscriptionOf(options, problems), ...handlingOf(options, problems) };
  if (typeof handler !== 'function') problems.push({ path: 'handler', message: 'must be a function' });
  if (problems.length > 0) throw new ValidationError(problems);
  return checked;
}

/** A subscription with its defaults filled in, and where it begins. */
export interface CheckedSubscription {
  readonly definition: SubscriptionDefinition;
  readonly from: CheckedStart;
}

/** How a process handles events, with the defaults filled in. */
export interface CheckedHandling {
  readonly concurrency: number;
  readonly handlerTimeoutMs: number;
  readonly onUpcastFailure: UpcastFailurePolicy;
}

/** What is returned is only to be used when there was no problem. */
function subscriptionOf(options: SubscriptionOptions, problems: ValidationProblem[]): CheckedSubscription {
  const { name, filter = {}, from = SUBSCRIPTION_DEFAULTS.from, mode = SUBSCRIPTION_DEFAULTS.mode } = options;
  const { maxDeliver = SUBSCRIPTION_DEFAULTS.maxDeliver, backoffMs = SUBSCRIPTION_DEFAULTS.backoffMs } = options;
  const { onDeadLetter = SUBSCRIPTION_DEFAULTS.onDeadLetter } = options;
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message });
  };
  add('name', subscriptionNameProblem(name));
  if (mode !== 'shared' && mode !== 'ordered') add('mode', "must be 'shared' or 'ordered'");
  if (!isWhole(maxDeliver, 1, 1_000)) add('maxDeliver', 'must be a whole number from 1 to 1,000');
  if (!isBackoff(backoffMs))
    add('backoffMs', `must be 1 to ${MAX_BACKOFFS} numbers of milliseconds from 0 to ${DAY_MS}`);
  if (onDeadLetter !== 'park' && onDeadLetter !== 'continue') add('onDeadLetter', "must be 'park' or 'continue'");
  if (mode === 'shared' && options.onDeadLetter === 'park') {
    add('onDeadLetter', "can park aggregates with mode 'ordered' only: a shared subscription keeps no order");
  }
  const start = startOf(from, 'from', problems);
  const checked = filterOf(filter, problems);
  const policy = mode === 'shared' ? 'continue' : onDeadLetter;
  const waits = Array.isArray(backoffMs) ? [...backoffMs] : backoffMs;
  return {
    definition: { name, filter: checked, mode, maxDeliver, backoffMs: waits, onDeadLetter: policy },
    from: start ?? SUBSCRIPTION_DEFAULTS.from,
  };
}

function handlingOf(options: HandlingOptions, problems: ValidationProblem[]): CheckedHandling {
  const { concurrency, handlerTimeoutMs, onUpcastFailure } = {
    concurrency: options.concurrency ?? HANDLING_DEFAULTS.concurrency,
    handlerTimeoutMs: options.handlerTimeoutMs ?? HANDLING_DEFAULTS.handlerTimeoutMs,
    onUpcastFailure: options.onUpcastFailure ?? HANDLING_DEFAULTS.onUpcastFailure,
  };
  if (!isWhole(concurrency, 1, 10_000)) {
    problems.push({ path: 'concurrency', message: 'must be a whole number from 1 to 10,000' });
  }
  if (!isWhole(handlerTimeoutMs, 10, DAY_MS)) {
    problems.push({ path: 'handlerTimeoutMs', message: `must be a number of milliseconds from 10 to ${DAY_MS}` });
  }
  if (onUpcastFailure !== 'dead-letter' && onUpcastFailure !== 'stop') {
    problems.push({ path: 'onUpcastFailure', message: "must be 'dead-letter' or 'stop'" });
  }
  return { concurrency, handlerTimeoutMs, onUpcastFailure };
}

function filterOf(filter: unknown, problems: ValidationProblem[]): SubscriptionDefinition['filter'] {
  if (typeof filter !== 'object' || filter === null || Array.isArray(filter)) {
    problems.push({ path: 'filter', message: 'must be an object' });
    return {};
  }
  const { tenantId, aggregateType, eventTypes, ...rest } = filter as NonNullable<SubscriptionOptions['filter']>;
  for (const field of Object.keys(rest)) {
    problems.push({ path: `filter.${field}`, message: 'must be tenantId, aggregateType or eventTypes' });
  }
  const known = {
    ...(tenantId !== undefined && { tenantId }),
    ...(aggregateType !== undefined && { aggregateType }),
    ...(eventTypes !== undefined && { eventTypes }),
  };
  try {
    checkFilter(known);
  } catch (error) {
    if (!isValidationError(error)) throw error;
    problems.push(...error.errors.map(({ path, message }) => ({ path: `filter.${path}`, message })));
  }
  return known;
}

function isBackoff(value: unknown): boolean {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_BACKOFFS) return false;
  return value.every((delay) => typeof delay === 'number' && delay >= 0 && delay <= DAY_MS);
}

function isWhole(value: unknown, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= from && (value as number) <= to;
}
