/** One thing that is wrong with a request. */
export interface ProblemDetail {
  /** Property names and indexes joined by dots; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** Body of every answer that reports a failure: a problem document (RFC 9457). */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  /** What to branch on. */
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly ProblemDetail[];
  readonly [extension: string]: unknown;
}

/** Thrown to answer with a problem. */
export class HttpProblem extends Error {
  readonly problem: Problem;

  constructor(
    status: number,
    code: string,
    title: string,
    detail: string,
    extensions: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(detail, options);
    this.name = 'HttpProblem';
    this.problem = { type: `urn:marketplace:problem:${code}`, title, status, code, detail, ...extensions };
  }
}

/** The request is not as it must be; names everything that is wrong at once. */
export function invalidRequest(errors: readonly ProblemDetail[]): HttpProblem {
  const detail = errors.map(({ path, message }) => (path ? `${path} ${message}` : message)).join('; ');
  return new HttpProblem(400, 'validation-failed', 'The request is not valid', detail, { errors });
}
