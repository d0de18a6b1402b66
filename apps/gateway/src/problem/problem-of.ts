import { type AnnalsError, type ErrorCode, type ValidationProblem, isAnnalsError } from '@annals/core';
import { type Problem, type ProblemCode, PROBLEM_TITLES, problemType } from '@annals/contract';
import { HttpProblem, type ProblemExtras } from './http-problem.ts';
import { type RefusedRequest, frameworkProblem } from './framework-problem.ts';
import { PROBLEM_STATUS, RETRY_AFTER_SECONDS } from './problem-status.ts';

/** A body of 8 MiB can hold a million mistakes; the answer lists the first of them. */
const MAX_LISTED_ERRORS = 100;
const MAX_TOLD_ERRORS = 5;

/** A problem document and the headers that go with it. */
export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Turns whatever was thrown into what the client is told. What is no known failure becomes `internal-error`, without
 * anything of its message: only the log has that.
 *
 * @param requestId where to find the rest in the log
 */
export function problemOf(error: unknown, request: RefusedRequest, requestId: string): ProblemAnswer {
  const instance = request.path;
  if (error instanceof HttpProblem) return answer(error.code, error.detail, instance, error.extras, error.headers);
  if (isAnnalsError(error)) return answer(error.code, detailOf(error), instance, extrasOf(error));
  const framework = frameworkProblem(error, request);
  if (framework) return answer(framework.code, framework.detail, instance, framework.extras, framework.headers);
  const detail = `An unexpected error happened. The gateway's log tells more under the request id ${requestId}.`;
  return answer('internal-error', detail, instance);
}

function answer(
  code: ProblemCode,
  detail: string,
  instance: string,
  extras: ProblemExtras = {},
  headers: Readonly<Record<string, string>> = {},
): ProblemAnswer {
  const retryAfter = RETRY_AFTER_SECONDS[code];
  return {
    problem: {
      type: problemType(code),
      title: PROBLEM_TITLES[code],
      status: PROBLEM_STATUS[code],
      code,
      detail,
      instance,
      ...extras,
    },
    headers: retryAfter === undefined ? headers : { 'retry-after': String(retryAfter), ...headers },
  };
}

function detailOf(error: AnnalsError): string {
  const errors = validationErrors(error);
  if (errors === undefined || errors.length <= MAX_TOLD_ERRORS) return error.message;
  const told = errors.slice(0, MAX_TOLD_ERRORS).map((e) => (e.path ? `${e.path} ${e.message}` : e.message));
  return `${told.join('; ')}; and ${errors.length - MAX_TOLD_ERRORS} more`;
}

/** What the document tells of an error beside its message, by code. */
const EXTRAS: Partial<Record<ErrorCode, readonly (keyof ProblemExtras)[]>> = {
  'concurrency-conflict': ['expectedVersion', 'actualVersion'],
  'append-outcome-unknown': ['messageIds'],
  'payload-too-large': ['limitBytes', 'actualBytes'],
  'batch-too-large': ['limit', 'actual'],
  'result-too-large': ['limit'],
  'history-incomplete': ['retainedFromVersion'],
  'reducer-failed': ['eventType', 'version', 'position'],
  'upcast-failed': ['eventType', 'schemaVersion', 'version', 'position'],
};

function extrasOf(error: AnnalsError): ProblemExtras {
  const extras: Record<string, unknown> = {};
  const details = error as unknown as Record<string, unknown>;
  for (const name of EXTRAS[error.code] ?? []) if (details[name] !== undefined) extras[name] = details[name];
  const aggregate = details['aggregate'] as { type?: string; id?: string } | undefined;
  if (aggregate?.type !== undefined) extras['aggregateType'] = aggregate.type;
  if (aggregate?.id !== undefined) extras['aggregateId'] = aggregate.id;
  const errors = validationErrors(error);
  if (errors !== undefined) extras['errors'] = errors.slice(0, MAX_LISTED_ERRORS);
  return extras;
}

function validationErrors(error: AnnalsError): readonly ValidationProblem[] | undefined {
  return error.code === 'validation-failed'
    ? (error as AnnalsError & { errors: readonly ValidationProblem[] }).errors
    : undefined;
}
