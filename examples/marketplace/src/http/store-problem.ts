import type { AnnalsError, ErrorCode } from '@annals/core';
import { HttpProblem } from './problem.ts';

/** Failures of the event store that a client can do something about; all others are this service's own fault. */
const ANSWERS: Partial<Record<ErrorCode, readonly [status: number, title: string]>> = {
  'validation-failed': [400, 'The request is not valid'],
  'concurrency-conflict': [409, 'Others keep changing the same thing'],
  'payload-too-large': [413, 'The request is too large to be stored'],
  'append-outcome-unknown': [503, 'It is unknown whether the command was carried out'],
  overloaded: [503, 'Too much to do at the moment'],
  'store-unavailable': [503, 'The event store cannot be reached'],
  'store-closed': [503, 'The service is shutting down'],
};

/** The answer to a failure of the event store. 503 answers are worth another try, with the same idempotency key. */
export function storeProblem(error: AnnalsError): HttpProblem {
  const answer = ANSWERS[error.code];
  if (!answer) return new HttpProblem(500, error.code, 'Something went wrong with the event store', error.message);
  const [status, title] = answer;
  return new HttpProblem(status, error.code, title, error.message, detailsOf(error), { cause: error });
}

function detailsOf(error: AnnalsError): Readonly<Record<string, unknown>> {
  const { expectedVersion, actualVersion, errors } = error as AnnalsError & Record<string, unknown>;
  return {
    ...(expectedVersion !== undefined && { expectedVersion }),
    ...(actualVersion !== undefined && { actualVersion }),
    ...(errors !== undefined && { errors }),
  };
}
