import type { ErrorCode } from '@annals/core';
import type { Problem, ProblemCode } from '@annals/contract';

/** Codes that only HTTP can go wrong with: those of the contract that the store does not know. */
export type HttpProblemCode = Exclude<ProblemCode, ErrorCode>;

/** What a problem document says beside its standard members. */
export type ProblemExtras = Partial<Omit<Problem, 'type' | 'title' | 'status' | 'code' | 'detail' | 'instance'>>;

/** A request that HTTP itself, rather than the store, cannot serve. */
export class HttpProblem extends Error {
  constructor(
    readonly code: HttpProblemCode,
    /** What happened and what to do, for the caller. */
    readonly detail: string,
    readonly extras: ProblemExtras = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(detail);
    this.name = 'HttpProblem';
  }
}
