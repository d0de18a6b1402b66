import { type DeadLetterBody, EVENT_BASES, type RedriveResponse } from '@annals/contract';
import { Controller, Delete, Get, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { deleteLetter, getLetter, redriveLetter } from './one-dead-letter.ts';

/**
 * The routes of one dead letter again, for clients that percent-encode its id into one part of the path. OpenAPI
 * describes those of three parts, which say the same.
 */
@ApiExcludeController()
@Controller(EVENT_BASES.map((base) => `${base}/dead-letters/:id`))
export class DeadLetterIdController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get()
  get(@Req() request: FastifyRequest): Promise<DeadLetterBody> {
    return getLetter(this.answers, request);
  }

  @Post('redrive')
  @HttpCode(200)
  redrive(@Req() request: FastifyRequest): Promise<RedriveResponse> {
    return redriveLetter(this.answers, request);
  }

  @Delete()
  @HttpCode(204)
  delete(@Req() request: FastifyRequest): Promise<void> {
    return deleteLetter(this.answers, request);
  }
}
