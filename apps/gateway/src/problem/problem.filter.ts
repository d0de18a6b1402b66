import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { pathOf } from '../http/path-of.ts';
import type { RouteTable } from '../http/route-table.ts';
import { type ProblemAnswer, problemOf } from './problem-of.ts';

/** Media type of RFC 9457. */
const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Answers every failure, wherever it happened, with a problem document. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly metrics: ApiMetrics,
    private readonly routes: RouteTable,
    private readonly bodyLimitBytes: number,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    this.answer(error, http.getRequest<FastifyRequest>(), http.getResponse<FastifyReply>());
  }

  /** Sends the document, unless an answer has begun already. */
  answer(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { problem, headers } = this.report(error, request);
    if (reply.sent) return;
    void reply.code(problem.status).headers(headers).type(PROBLEM_JSON).send(JSON.stringify(problem));
  }

  /** Counts and logs the failure. */
  report(error: unknown, request: FastifyRequest): ProblemAnswer {
    const answer = this.describe(error, request);
    const { code, status } = answer.problem;
    this.metrics.countProblem(code);
    if (status < 500) return answer;
    const fields = { requestId: request.id, code, method: request.method, path: answer.problem.instance, err: error };
    if (code === 'internal-error') this.logger.error(fields, 'request failed unexpectedly');
    else this.logger.warn(fields, 'request failed');
    return answer;
  }

  /** What the client is told. */
  describe(error: unknown, request: FastifyRequest): ProblemAnswer {
    const path = pathOf(request.raw.url);
    const allowedMethods = this.routes.methodsOf(path);
    const refused = { method: request.method, path, allowedMethods, bodyLimitBytes: this.bodyLimitBytes };
    return problemOf(error, refused, String(request.id));
  }
}
