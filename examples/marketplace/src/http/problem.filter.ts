import { isAnnalsError } from '@annals/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HttpProblem } from './problem.ts';
import { storeProblem } from './store-problem.ts';

/** Seconds after which a client may try again. */
const RETRY_AFTER = '1';

/** Answers every failure with a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const { problem } = toProblem(error);
    const request = http.getRequest<FastifyRequest>();
    if (problem.status >= 500) this.logger.error(`${request.method} ${request.url}: ${problem.detail}`, error);
    const reply = http.getResponse<FastifyReply>();
    if (problem.status === 503) reply.header('retry-after', RETRY_AFTER);
    void reply
      .status(problem.status)
      .header('content-type', 'application/problem+json; charset=utf-8')
      .send(JSON.stringify({ ...problem, instance: request.url }));
  }
}

function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isAnnalsError(error)) return storeProblem(error);
  if (error instanceof HttpException) return frameworkProblem(error.getStatus(), error.message);
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  // What Fastify refuses before Nest sees it: a body that is no JSON, too large, of another type.
  if (error instanceof Error && typeof status === 'number' && status >= 400 && status < 500) {
    return frameworkProblem(status, error.message);
  }
  return new HttpProblem(
    500,
    'internal-error',
    'Something went wrong',
    'The failure was logged.',
    {},
    { cause: error },
  );
}

function frameworkProblem(status: number, detail: string): HttpProblem {
  const [code, title] = FRAMEWORK[status] ?? ['malformed-request', 'The request is not valid'];
  return new HttpProblem(status, code, title, detail);
}

const FRAMEWORK: Readonly<Record<number, readonly [code: string, title: string]>> = {
  400: ['malformed-request', 'The request is not valid'],
  404: ['not-found', 'There is no such route'],
  413: ['body-too-large', 'The body is too large'],
  415: ['unsupported-media-type', 'The content type is not supported'],
  500: ['internal-error', 'Something went wrong'],
};
