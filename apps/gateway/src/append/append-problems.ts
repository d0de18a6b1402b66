import {
  type AppendAllOptions,
  PayloadTooLarge,
  ValidationError,
  type ValidationProblem,
  isAnnalsError,
  prepareAppend,
} from '@annals/core';
import type { AppendPlan } from './append-plan.ts';

/** Refuses a plan with problems, with those that the store would find added: one answer lists them all. */
export function refuseAppend(plan: AppendPlan, options: AppendAllOptions): ValidationError {
  const problems = [...plan.problems];
  if (plan.parts.length > 0) {
    try {
      let id = 0;
      prepareAppend(plan.parts, options, () => `unused-${++id}`, Date.now);
    } catch (error) {
      if (isAnnalsError(error) && error.code === 'validation-failed') {
        problems.push(...(inRequestTerms(error, plan) as ValidationError).errors);
      }
    }
  }
  return new ValidationError(distinct(problems));
}

/** Names the events of an error as the client does, by their place in the request instead of in the store's parts. */
export function inRequestTerms(error: unknown, plan: AppendPlan): unknown {
  if (!isAnnalsError(error)) return error;
  if (error.code === 'validation-failed') {
    const { errors } = error as ValidationError;
    return new ValidationError(
      errors.map(({ path, message }) => ({ path: requestPath(path, plan), message: hint(path, message) })),
    );
  }
  if (error.code === 'payload-too-large') {
    const { limitBytes, actualBytes, index } = error as PayloadTooLarge;
    const place = plan.order.indexOf(index);
    return new PayloadTooLarge(limitBytes, actualBytes, place < 0 ? index : place);
  }
  return error;
}

const STORE_PATH = /^(?:parts\.(\d+)\.)?(?:events\.(\d+)(?:\.|$))?(.*)$/;

function requestPath(path: string, plan: AppendPlan): string {
  const [, part = '0', index, field = ''] = STORE_PATH.exec(path) ?? [];
  // What is wrong with an aggregate is wrong with the event that named it first.
  const place = plan.places.findIndex((p) => p.part === Number(part) && p.index === Number(index ?? 0));
  if (field === 'idempotencyKey') return 'Idempotency-Key';
  if (!plan.isList || place < 0) return field;
  return field === '' ? `events.${place}` : `events.${place}.${field}`;
}

/** Answers name an event's id `id`, so it is tempting to post it under that name. */
function hint(path: string, message: string): string {
  return path.endsWith('.id') && message === 'is not a field of an event'
    ? `${message}; the id of a new event is given as messageId`
    : message;
}

function distinct(problems: readonly ValidationProblem[]): readonly ValidationProblem[] {
  const seen = new Set<string>();
  return problems.filter(({ path }) => !seen.has(path) && seen.add(path));
}
