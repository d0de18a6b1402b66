import { AnnalsError, isAnnalsError } from './annals-error.ts';

/** One thing that is wrong with an input. */
export interface ValidationProblem {
  /** Where: property names and indexes joined by dots, like `events.3.type`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** An argument is not what it must be. Nothing was sent to the server. */
export class ValidationError extends AnnalsError {
  readonly code = 'validation-failed';

  constructor(readonly errors: readonly ValidationProblem[]) {
    super(errors.map((e) => (e.path ? `${e.path} ${e.message}` : e.message)).join('; '));
  }
}

/** True for {@link ValidationError}, also of another copy of the package. */
export function isValidationError(error: unknown): error is ValidationError {
  return isAnnalsError(error) && error.code === 'validation-failed';
}
