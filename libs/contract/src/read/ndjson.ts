import { isProblem, type Problem } from '../problem/problem.ts';

/** Ask for it with `Accept`: a list as one event a line, without envelope. */
export const NDJSON = 'application/x-ndjson';

/**
 * What follows the events when a stream breaks off after it has begun: the last line, after which the connection is
 * cut, so that neither a reader of lines nor one of bytes takes the list for whole.
 */
export interface BrokenOffLine {
  readonly problem: Problem;
}

/** True for the line that says why a stream broke off. */
export function isBrokenOffLine(line: unknown): line is BrokenOffLine {
  return typeof line === 'object' && line !== null && 'problem' in line && !('id' in line) && isProblem(line.problem);
}
