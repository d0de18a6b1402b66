import { HttpException } from '@nestjs/common';

/**
 * Thrown by a handler, a pipe or a guard: the event becomes a dead letter at once, because trying again cannot help.
 *
 * @example
 * throw new RejectEvent(`there is no price list ${id}`);
 */
export class RejectEvent extends Error {
  /** What makes any error a rejection: one of your own classes may have it too. */
  readonly deadLetter = true;

  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'RejectEvent';
  }
}

/** Statuses by which Nest's pipes say that the input is wrong. */
const WRONG_INPUT: readonly number[] = [400, 422];

/**
 * Why an event is to be a dead letter without further attempts, or undefined when it may be tried again.
 *
 * That is so for errors with `deadLetter: true` ({@link RejectEvent}), for an `RpcException` whose error has it, and for
 * HTTP exceptions of status 400 or 422, which is how pipes refuse data.
 */
export function rejectionReason(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if (error instanceof HttpException) {
    return WRONG_INPUT.includes(error.getStatus()) ? detailsOf(error) : undefined;
  }
  return isMarked(error) || isMarked(rpcError(error)) ? messageOf(error) : undefined;
}

function isMarked(error: unknown): boolean {
  return typeof error === 'object' && error !== null && (error as { deadLetter?: unknown }).deadLetter === true;
}

/** What an `RpcException` holds. */
function rpcError(error: { getError?: unknown }): unknown {
  return typeof error.getError === 'function' ? (error.getError as () => unknown)() : undefined;
}

/** The message, with what a validation pipe found behind it. */
function detailsOf(error: HttpException): string {
  const response = error.getResponse();
  const details = typeof response === 'object' ? (response as { message?: unknown }).message : undefined;
  return Array.isArray(details) ? `${error.message}: ${details.join('; ')}` : error.message;
}

function messageOf(error: object): string {
  const { message } = error as { message?: unknown };
  return typeof message === 'string' && message !== '' ? message : 'the handler rejected it';
}
