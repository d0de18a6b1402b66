import { StoreUnavailable, isAnnalsError } from '@annals/core';
import { RequestFailed } from '../connection/request-failed.ts';

const REASONS = {
  timeout: 'nats-server did not answer in time',
  disconnected: 'the connection to nats-server was lost',
  'no-responders': 'no nats-server with this stream answers',
  closed: 'the connection to nats-server is closed',
} as const;

/** The error for a caller whose read or check got no answer; what is an error of the library already stays as it is. */
export function unavailable(error: unknown): Error {
  if (isAnnalsError(error)) return error;
  if (error instanceof RequestFailed) return new StoreUnavailable(REASONS[error.reason], { cause: error });
  return new StoreUnavailable((error as Error)?.message ?? String(error), { cause: error });
}
