import type { FastifyReply } from 'fastify';
import type { Rejection } from '../aggregate/decision.ts';
import type { CommandEvent, CommandResult } from '../command/command-result.ts';
import { HttpProblem } from './problem.ts';
import { CORRELATION_ID } from './command-headers.ts';

/** Body of the answer to a command. */
export interface CommandAnswer {
  readonly id: string;
  /** Of the aggregate, after the command. */
  readonly version: number;
  /** Empty when the command would have changed nothing. */
  readonly events: readonly CommandEvent[];
  /** True when an earlier copy of the command had done it. */
  readonly repeated: boolean;
}

/** A command that was carried out. */
export type Done<State> = Extract<CommandResult<State>, { outcome: 'done' }>;

/** Keeps what was done, throws what was not as the problem that it is. */
export function expectDone<State>(result: CommandResult<State>): Done<State> {
  switch (result.outcome) {
    case 'done':
      return result;
    case 'rejected':
      throw rejected(result.rejection);
    case 'stale': {
      const { expectedVersion, actualVersion } = result;
      const detail = `It is at version ${actualVersion}, If-Match names ${expectedVersion}: get it again.`;
      throw new HttpProblem(412, 'precondition-failed', 'It was changed since you saw it', detail, {
        expectedVersion,
        actualVersion,
      });
    }
    case 'key-reused': {
      const detail = `The idempotency key ${result.idempotencyKey} was used for another command: take a new one.`;
      throw new HttpProblem(422, 'idempotency-key-reused', 'The idempotency key was used before', detail);
    }
  }
}

/** Answers with what a command did; `ETag` is the new version. */
export function answer(reply: FastifyReply, id: string, result: CommandResult<unknown>): CommandAnswer {
  const { events, version, correlationId, repeated } = expectDone(result);
  if (correlationId !== undefined) void reply.header(CORRELATION_ID, correlationId);
  void reply.header('etag', `"${version}"`);
  return { id, version, events, repeated };
}

/** The problem that a rejection is. */
export function rejected({ kind, code, detail }: Rejection): HttpProblem {
  const [status, title] = REJECTIONS[kind];
  return new HttpProblem(status, code, title, detail);
}

const REJECTIONS: Readonly<Record<Rejection['kind'], readonly [status: number, title: string]>> = {
  'not-found': [404, 'There is no such thing'],
  gone: [410, 'It was deleted'],
  conflict: [409, 'The command does not fit the present state'],
};
