import { type ValidationProblem, ValidationError, isValidationError } from '../error/validation-error.ts';
import { type CheckedStart, startOf } from '../live/check-start.ts';
import { checkFilter } from '../read/check-read.ts';
import {
  HANDLING_DEFAULTS,
  type HandlingOptions,
  SUBSCRIPTION_DEFAULTS,
  type SubscriptionDefinition,
  type SubscriptionOptions,
} from './subscription-options.ts';

/** A subscription's name has at most this many characters. */
export const MAX_SUBSCRIPTION_NAME = 100;
const NAME = /^[A-Za-z0-9_.:-]+$/;
const MAX_BACKOFFS = 20;
const DAY_MS = 86_400_000;

/** What is wrong with `name` as the name of a subscription, or undefined when nothing is. */
export function subscriptionNameProblem(name: unknown): string | undefined {
  if (typeof name !== 'string' || name === '') return 'must be a name';
  if (name.length > MAX_SUBSCRIPTION_NAME) return `must be at most ${MAX_SUBSCRIPTION_NAME} characters`;
  return NAME.test(name) ? undefined : 'must be of A-Z, a-z, 0-9, _ - . and : only';
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
export function checkSubscription(options: SubscriptionOptions): {
  readonly definition: SubscriptionDefinition;
  readonly from: CheckedStart;
} {
  const problems: ValidationProblem[] = [];
  const { name, filter = {}, from = SUBSCRIPTION_DEFAULTS.from } = options;
  const mode = options.mode ?? SUBSCRIPTION_DEFAULTS.mode;
  const maxDeliver = options.maxDeliver ?? SUBSCRIPTION_DEFAULTS.maxDeliver;
  const backoffMs = options.backoffMs ?? SUBSCRIPTION_DEFAULTS.backoffMs;
  const onDeadLetter = options.onDeadLetter ?? SUBSCRIPTION_DEFAULTS.onDeadLetter;
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
  if (problems.length > 0 || start === undefined) throw new ValidationError(problems);
  const policy = mode === 'shared' ? 'continue' : onDeadLetter;
  return {
    definition: { name, filter: checked, mode, maxDeliver, backoffMs: [...backoffMs], onDeadLetter: policy },
    from: start,
  };
}

/** Checks how a process handles events and fills in the defaults. @throws ValidationError with every problem */
export function checkHandling(options: HandlingOptions): {
  readonly concurrency: number;
  readonly handlerTimeoutMs: number;
} {
  const concurrency = options.concurrency ?? HANDLING_DEFAULTS.concurrency;
  const handlerTimeoutMs = options.handlerTimeoutMs ?? HANDLING_DEFAULTS.handlerTimeoutMs;
  const problems: ValidationProblem[] = [];
  if (!isWhole(concurrency, 1, 10_000)) {
    problems.push({ path: 'concurrency', message: 'must be a whole number from 1 to 10,000' });
  }
  if (!isWhole(handlerTimeoutMs, 10, DAY_MS)) {
    problems.push({ path: 'handlerTimeoutMs', message: `must be a number of milliseconds from 10 to ${DAY_MS}` });
  }
  if (problems.length > 0) throw new ValidationError(problems);
  return { concurrency, handlerTimeoutMs };
}

function filterOf(filter: unknown, problems: ValidationProblem[]): SubscriptionDefinition['filter'] {
  if (typeof filter !== 'object' || filter === null) {
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
