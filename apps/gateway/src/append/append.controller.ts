import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EVENT_BASES } from '@annals/contract';
import { ApiAppend } from '../openapi/append.docs.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { readTenant } from '../http/read-tenant.ts';
import { readAppendHeaders } from './append-headers.ts';
import { AppendService } from './append.service.ts';

/** `POST /events`. */
@Controller([...EVENT_BASES])
export class AppendController {
  constructor(@Inject(AppendService) private readonly appends: AppendService) {}

  @Post()
  @ApiAppend()
  async append(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (request.body === undefined)
      throw new HttpProblem('malformed-json', 'The body is empty: send an event as JSON.');
    const headers = readAppendHeaders(request.raw);
    const { response, repeated } = await this.appends.append(request.body, headers, readTenant(request.query));
    // One way to the socket: the body is written as JSON once, without Nest's response handling.
    void reply.code(repeated ? 200 : 201).send(response);
  }
}
