import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { CommandContext } from '../command/command-context.ts';
import { digest } from '../command/command-identity.ts';
import { invalidRequest, type ProblemDetail } from './problem.ts';

/** Headers that carry a command's context between services; all are optional. */
export const CORRELATION_ID = 'x-correlation-id';
export const CAUSATION_ID = 'x-causation-id';
export const USER_ID = 'x-user-id';
export const IDEMPOTENCY_KEY = 'idempotency-key';

const MAX_CHARACTERS = 128;
const PRINTABLE = /^[\x21-\x7e]+$/;
const VERSION_TAG = /^"(0|[1-9]\d{0,14})"$/;

/** The context of the command in a request. */
export const Context = createParamDecorator((_: unknown, execution: ExecutionContext): CommandContext => {
  const request = execution.switchToHttp().getRequest<FastifyRequest>();
  return commandContext(request);
});

/** @throws HttpProblem 400 with every header that is not as it must be */
export function commandContext(request: Pick<FastifyRequest, 'headers' | 'method' | 'url' | 'body'>): CommandContext {
  const problems: ProblemDetail[] = [];
  const read = (name: string): string | undefined => {
    const value = request.headers[name];
    if (value === undefined) return undefined;
    if (typeof value === 'string' && value.length <= MAX_CHARACTERS && PRINTABLE.test(value)) return value;
    problems.push({ path: name, message: `must be 1 to ${MAX_CHARACTERS} printable ASCII characters without spaces` });
    return undefined;
  };
  const context: CommandContext = {
    correlationId: read(CORRELATION_ID),
    causationId: read(CAUSATION_ID),
    userId: read(USER_ID),
    idempotencyKey: read(IDEMPOTENCY_KEY),
    expectedVersion: ifMatch(request.headers['if-match'], problems),
    requestDigest: digest(request.method, request.url, JSON.stringify(request.body ?? null)),
  };
  if (problems.length > 0) throw invalidRequest(problems);
  return context;
}

function ifMatch(value: string | undefined, problems: ProblemDetail[]): number | undefined {
  if (value === undefined) return undefined;
  const tag = VERSION_TAG.exec(value);
  if (!tag) problems.push({ path: 'if-match', message: 'must be one version in double quotes, like "3"' });
  return tag ? Number(tag[1]) : undefined;
}
