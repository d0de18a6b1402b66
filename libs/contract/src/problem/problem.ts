import type { PositionBody } from '../event/event-body.ts';
import type { ProblemCode } from './problem-code.ts';

/** One thing that is wrong with a request. */
export interface ProblemDetail {
  /** Where: property names and indexes joined by dots, like `events.3.type`; empty for the whole. */
  readonly path: string;
  readonly message: string;
}

/** The body of every answer that reports a failure: a problem document (RFC 9457). */
export interface Problem {
  /** `urn:annals:problem:<code>`. */
  readonly type: string;
  /** The same for every problem of a code. */
  readonly title: string;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** What to branch on. A newer gateway may send codes that this version does not know. */
  readonly code: ProblemCode;
  /** What happened this time and what to do about it. */
  readonly detail: string;
  /** The path that was asked for. */
  readonly instance: string;
  /** All that is wrong with the request: `validation-failed`, `malformed-json`. */
  readonly errors?: readonly ProblemDetail[];
  /** `concurrency-conflict`, `precondition-failed`. */
  readonly expectedVersion?: number | string;
  readonly actualVersion?: number;
  /** The aggregate that the problem is about. */
  readonly aggregateType?: string;
  readonly aggregateId?: string;
  /** `ambiguous-aggregate`: the types that have an aggregate of this id. */
  readonly aggregateTypes?: readonly string[];
  /** `append-outcome-unknown`: repeat the append with these ids, in this order. */
  readonly messageIds?: readonly string[];
  /** `batch-too-large`, `result-too-large`: how many are possible. */
  readonly limit?: number;
  /** `body-too-large`, `payload-too-large`: how many bytes are possible. */
  readonly limitBytes?: number;
  readonly actual?: number;
  readonly actualBytes?: number;
  /** `history-incomplete`: the oldest version still stored. */
  readonly retainedFromVersion?: number;
  /** `reducer-failed`, `upcast-failed`: the event that it failed at. */
  readonly eventType?: string;
  readonly version?: number;
  readonly position?: PositionBody;
  /** `upcast-failed`: the schema version from which nothing led on. */
  readonly schemaVersion?: number;
  /** `method-not-allowed`: what the route takes. */
  readonly allowedMethods?: readonly string[];
}

/** The `type` of a problem with this code. */
export function problemType(code: ProblemCode): string {
  return `urn:annals:problem:${code}`;
}

/** True for a value that is a problem document of a gateway. */
export function isProblem(value: unknown): value is Problem {
  if (typeof value !== 'object' || value === null) return false;
  const { code, status, title } = value as Partial<Problem>;
  return typeof code === 'string' && typeof status === 'number' && typeof title === 'string';
}
