import type { ErrorCode } from '@annals/core';
import type { ProblemCode } from '@annals/contract';
import type { HttpProblemCode } from './http-problem.ts';

/** HTTP status of every failure of the store. A new code does not compile until it stands here. */
const STORE_STATUS: Record<ErrorCode, number> = {
  'validation-failed': 400,
  'concurrency-conflict': 409,
  'append-outcome-unknown': 503,
  overloaded: 503,
  'idempotency-key-reused': 422,
  'payload-too-large': 413,
  'batch-too-large': 413,
  'cross-stream-append': 422,
  'aggregate-not-found': 404,
  'result-too-large': 422,
  'feature-disabled': 403,
  'store-unavailable': 503,
  'store-closed': 503,
  'server-too-old': 503,
  'provisioning-refused': 503,
  'misplaced-aggregate-type': 503,
  'corrupt-aggregate': 500,
  'corrupt-event': 500,
  'reducer-failed': 500,
  'history-incomplete': 409,
  'subscription-not-found': 404,
  'subscription-conflict': 409,
  'handler-timed-out': 503,
  'dead-letter-not-found': 404,
  'replay-not-found': 404,
  'replay-finished': 409,
  'replay-target-refused': 422,
  'upcast-failed': 500,
  'decider-failed': 500,
  'projection-not-found': 404,
  'projection-behind': 503,
  'process-not-found': 404,
  'process-instance-not-found': 404,
  'process-instance-ended': 409,
};

/** HTTP status of every failure of HTTP itself. */
const HTTP_STATUS: Record<HttpProblemCode, number> = {
  'snapshot-not-found': 404,
  'no-reducer': 422,
  'malformed-json': 400,
  'malformed-request': 400,
  'request-incomplete': 408,
  'unsupported-media-type': 415,
  'body-too-large': 413,
  'headers-too-large': 431,
  'not-found': 404,
  'method-not-allowed': 405,
  'precondition-failed': 412,
  'ambiguous-aggregate': 400,
  'host-not-allowed': 421,
  'origin-not-allowed': 403,
  'upgrade-required': 426,
  'too-many-streams': 503,
  'too-many-live-clients': 503,
  'too-many-live-filters': 503,
  'too-many-live-subscriptions': 422,
  'live-client-too-slow': 503,
  'request-timeout': 503,
  'shutting-down': 503,
  'internal-error': 500,
};

/** The HTTP status of each problem. */
export const PROBLEM_STATUS: Record<ProblemCode, number> = { ...STORE_STATUS, ...HTTP_STATUS };

/** Seconds after which a problem with status 503 is worth another try; the others of that status need an operator. */
export const RETRY_AFTER_SECONDS: Partial<Record<ProblemCode, number>> = {
  'append-outcome-unknown': 1,
  overloaded: 1,
  'projection-behind': 1,
  'store-unavailable': 2,
  'handler-timed-out': 1,
  'store-closed': 5,
  'server-too-old': 60,
  'provisioning-refused': 60,
  'misplaced-aggregate-type': 60,
  'too-many-streams': 2,
  'too-many-live-clients': 2,
  'too-many-live-filters': 2,
  'live-client-too-slow': 2,
  'request-timeout': 2,
  'shutting-down': 2,
};
