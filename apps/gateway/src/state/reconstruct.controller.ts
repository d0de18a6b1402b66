import { EVENT_BASES } from '@annals/contract';
import { DEFAULT_TENANT } from '@annals/core';
import { Body, Controller, HttpCode, Inject, Param, Post, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { DtoPipe } from '../http/dto.pipe.ts';
import { ApiReconstruct } from '../openapi/read.docs.ts';
import { Answers } from '../http/answers.ts';
import { ReconstructQueryDto, ReconstructRequestDto, StreamPathDto } from './reconstruct.dto.ts';
import { reconstructState } from './reconstruct-state.ts';
import { StateModule } from './state-module.ts';

const PATH = new DtoPipe(StreamPathDto, 'a part of this path');
const QUERY = new DtoPipe(ReconstructQueryDto, 'a parameter of this route');
const BODY = new DtoPipe(ReconstructRequestDto, 'a field of this body');

/** `POST /events/streams/:id/reconstruct`. */
@Controller([...EVENT_BASES])
export class ReconstructController {
  constructor(
    @Inject(Answers) private readonly answers: Answers,
    @Inject(StateModule) private readonly module: StateModule,
  ) {}

  @Post('streams/:id/reconstruct')
  @HttpCode(200)
  @ApiReconstruct()
  async reconstruct(
    @Param(PATH) { id }: StreamPathDto,
    @Query(QUERY) { type, tenantId = DEFAULT_TENANT }: ReconstructQueryDto,
    @Body(BODY) body: ReconstructRequestDto,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const checkTime = this.answers.timer();
    await this.answers.send('reconstruct', reply, (store, signal) =>
      reconstructState(store, this.module, { tenantId, id, type }, body, { signal, checkTime }),
    );
  }
}
