import type { Problem, ProblemCode } from '@annals/contract';

/** The gateway answered with a problem document: branch on `code`. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly problem: Problem,
    /** Milliseconds after which the gateway wants the request again, where it said so. */
    readonly retryAfterMs?: number,
  ) {
    super(problem.detail || problem.title);
  }

  get code(): ProblemCode {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** True when the same request may succeed later without a change. */
  get retryable(): boolean {
    return this.problem.status === 503;
  }
}

/** True for {@link ProblemError}, with this code where one is named; also of another copy of the package. */
export function isProblemError(error: unknown, code?: ProblemCode): error is ProblemError {
  if (!(error instanceof Error) || error.name !== 'ProblemError' || !('problem' in error)) return false;
  return code === undefined || (error as ProblemError).problem.code === code;
}
