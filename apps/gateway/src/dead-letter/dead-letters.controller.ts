import {
  type DeadLetterBody,
  type DeadLettersResponse,
  EVENT_BASES,
  type PurgeResponse,
  type RedriveResponse,
} from '@annals/contract';
import { Body, Controller, Delete, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { readTenant } from '../http/read-tenant.ts';
import {
  ApiDeadLetter,
  ApiDeadLetters,
  ApiDeleteDeadLetter,
  ApiPurgeDeadLetters,
  ApiRedriveDeadLetter,
  ApiRedriveDeadLetters,
} from '../openapi/dead-letter.docs.ts';
import { ListAnswers } from '../read/list-answers.ts';
import { wantsNdjson } from '../stream/ndjson-response.ts';
import { deadLetterBody } from './dead-letter-body.ts';
import { type DeadLetterRead, readDeadLetters } from './dead-letter-reader.ts';
import { queriedLetters, selectedLetters } from './dead-letter-selection.ts';
import { DeadLetterQueryDto, DeadLetterSelectionDto, RedriveDto } from './dead-letter.dto.ts';
import { deleteLetter, getLetter, redriveLetter, redriveLetters } from './one-dead-letter.ts';

const QUERY = new DtoPipe(DeadLetterQueryDto, 'a parameter of this route');
const SELECTION = new DtoPipe(DeadLetterSelectionDto, 'a field of this body');
const REDRIVE = new DtoPipe(RedriveDto, 'a field of this body');

/** A letter's id has slashes: a path takes it as three parts. As one, percent-encoded, see DeadLetterIdController. */
const ONE = ':subscription/:stream/:sequence';

/** `/events/dead-letters`: what operators do with them. */
@Controller(EVENT_BASES.map((base) => `${base}/dead-letters`))
export class DeadLettersController {
  constructor(
    @Inject(Answers) private readonly answers: Answers,
    @Inject(ListAnswers) private readonly lists: ListAnswers,
  ) {}

  @Get()
  @ApiDeadLetters()
  async list(
    @Query(QUERY) query: DeadLetterQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit, cursor } = query;
    const read: DeadLetterRead = { selection: queriedLetters(query), limit, cursor };
    if (wantsNdjson(request.headers.accept)) {
      await this.lists.stream(
        request,
        reply,
        async (store, signal) => readDeadLetters(store, read, signal),
        deadLetterBody,
      );
      return;
    }
    const page = await this.answers.run((store) => store.deadLetters.list(read.selection, { limit, cursor }));
    const body: DeadLettersResponse = {
      deadLetters: page.letters.map(deadLetterBody),
      nextCursor: page.nextCursor ?? null,
    };
    void reply.header('vary', 'accept').send(body);
  }

  @Post('redrive')
  @HttpCode(200)
  @ApiRedriveDeadLetters()
  redrive(@Body(REDRIVE) body: RedriveDto, @Req() request: FastifyRequest): Promise<RedriveResponse> {
    const selection = selectedLetters(body, readTenant(request.query, body.tenantId));
    return redriveLetters(this.answers, selection, body.ratePerSecond);
  }

  @Post('purge')
  @HttpCode(200)
  @ApiPurgeDeadLetters()
  async purge(@Body(SELECTION) body: DeadLetterSelectionDto, @Req() request: FastifyRequest): Promise<PurgeResponse> {
    const selection = selectedLetters(body, readTenant(request.query, body.tenantId));
    return { purged: await this.answers.run((store) => store.deadLetters.purge(selection)) };
  }

  @Get(ONE)
  @ApiDeadLetter()
  get(@Req() request: FastifyRequest): Promise<DeadLetterBody> {
    return getLetter(this.answers, request);
  }

  @Post(`${ONE}/redrive`)
  @HttpCode(200)
  @ApiRedriveDeadLetter()
  redriveOne(@Req() request: FastifyRequest): Promise<RedriveResponse> {
    return redriveLetter(this.answers, request);
  }

  @Delete(ONE)
  @HttpCode(204)
  @ApiDeleteDeadLetter()
  delete(@Req() request: FastifyRequest): Promise<void> {
    return deleteLetter(this.answers, request);
  }
}
