/** Every code that an error of the library can carry. HTTP statuses and docs are keyed by it, so a new one must be mapped. */
export const ERROR_CODES = [
  'validation-failed',
  'concurrency-conflict',
  'append-outcome-unknown',
  'overloaded',
  'idempotency-key-reused',
  'payload-too-large',
  'batch-too-large',
  'cross-stream-append',
  'aggregate-not-found',
  'result-too-large',
  'feature-disabled',
  'store-unavailable',
  'store-closed',
  'server-too-old',
  'provisioning-refused',
  'misplaced-aggregate-type',
  'corrupt-aggregate',
  'corrupt-event',
  'reducer-failed',
  'history-incomplete',
  'subscription-not-found',
  'subscription-conflict',
  'handler-timed-out',
  'dead-letter-not-found',
  'replay-not-found',
  'replay-finished',
  'replay-target-refused',
  'upcast-failed',
  'decider-failed',
  'projection-not-found',
  'projection-behind',
  'process-not-found',
  'process-instance-not-found',
  'process-instance-ended',
] as const;

/** A stable, documented name of one failure. */
export type ErrorCode = (typeof ERROR_CODES)[number];

/**
 * Base of all errors that Annals throws on purpose.
 *
 * Test `code` (or the `isX` guards), never `instanceof`: two copies of the package must understand each other.
 */
export abstract class AnnalsError extends Error {
  abstract readonly code: ErrorCode;
  /** True when the same call may succeed later without a change by the caller. */
  readonly retryable: boolean = false;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** True for any error that Annals throws on purpose. */
export function isAnnalsError(error: unknown): error is AnnalsError {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (ERROR_CODES as readonly string[]).includes(error.code)
  );
}
