import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import { pathOf } from '../http/path-of.ts';
import type { RouteTable } from '../http/route-table.ts';
import { type ProblemAnswer, problemOf } from './problem-of.ts';

/** Media type of RFC 9457. */
const PROBLEM_JSON = 'application/problem+json; charset=utf-8';

/** Which request failed. */
export interface RequestIdentity {
  readonly method: string;
  readonly path: string;
  /** As the log and the client have it. */
  readonly id: string;
}

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
    return this.reportOf(error, identityOf(request));
  }

  /** What the client is told. */
  describe(error: unknown, request: FastifyRequest): ProblemAnswer {
    return this.#describeOf(error, identityOf(request));
  }

  /** As {@link report}, of what Fastify knows nothing of. */
  reportOf(error: unknown, request: RequestIdentity): ProblemAnswer {
    const answer = this.#describeOf(error, request);
    const { code, status } = answer.problem;
    this.metrics.countProblem(code);
    if (status < 500) return answer;
    const { id: requestId, method } = request;
    const fields = { requestId, code, method, path: answer.problem.instance, err: error };
    if (code === 'internal-error') this.logger.error(fields, 'request failed unexpectedly');
    else this.logger.warn(fields, 'request failed');
    return answer;
  }

  #describeOf(error: unknown, { method, path, id }: RequestIdentity): ProblemAnswer {
    const allowedMethods = this.routes.methodsOf(path);
    return problemOf(error, { method, path, allowedMethods, bodyLimitBytes: this.bodyLimitBytes }, id);
  }
}

function identityOf({ method, raw, id }: FastifyRequest): RequestIdentity {
  return { method, path: pathOf(raw.url), id: String(id) };
}
