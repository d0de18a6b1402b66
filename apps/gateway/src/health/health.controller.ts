import type { LiveResponse, ReadyResponse } from '@annals/contract';
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ApiLive, ApiReady } from '../openapi/operations.docs.ts';
import { RETRY_AFTER_SECONDS } from '../problem/problem-status.ts';
import { Readiness } from './readiness.ts';

/** `GET /health/live` and `GET /health/ready`, for probes. */
@Controller('health')
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('live')
  @ApiLive()
  live(): LiveResponse {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiReady()
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const answer: ReadyResponse = await this.readiness.check();
    if (answer.status !== 'ready') reply.code(503).header('retry-after', RETRY_AFTER_SECONDS['store-unavailable']);
    void reply.header('cache-control', 'no-store').send(answer);
  }
}
