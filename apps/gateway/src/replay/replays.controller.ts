import { EVENT_BASES, type ReplayJobBody, type ReplaysResponse } from '@annals/contract';
import type { ReplayJob, ReplayJobs } from '@annals/core';
import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { refuseInput } from '../http/no-input.ts';
import {
  ApiCancelReplay,
  ApiPauseReplay,
  ApiReplayJob,
  ApiReplays,
  ApiResumeReplay,
} from '../openapi/replay-job.docs.ts';
import { replayJobBody } from './replay-job-body.ts';
import { ReplayPathDto, ReplaysQueryDto } from './replays.dto.ts';

const PATH = new DtoPipe(ReplayPathDto, 'a part of this path');
const QUERY = new DtoPipe(ReplaysQueryDto, 'a parameter of this route');

/** `/events/replays`: jobs that hand stored events over again. `POST /events/replay` starts them. */
@Controller(EVENT_BASES.map((base) => `${base}/replays`))
export class ReplaysController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get()
  @ApiReplays()
  async list(@Query(QUERY) { state: states, limit, cursor }: ReplaysQueryDto): Promise<ReplaysResponse> {
    const { jobs, nextCursor = null } = await this.answers.run((store) =>
      store.replays.list({ states, limit, cursor }),
    );
    return { replays: jobs.map(replayJobBody), nextCursor };
  }

  @Get(':id')
  @ApiReplayJob()
  get(@Param(PATH) { id }: ReplayPathDto, @Req() request: FastifyRequest): Promise<ReplayJobBody> {
    return this.#job(request, (replays) => replays.get(id));
  }

  @Post(':id/pause')
  @HttpCode(200)
  @ApiPauseReplay()
  pause(@Param(PATH) { id }: ReplayPathDto, @Req() request: FastifyRequest): Promise<ReplayJobBody> {
    return this.#job(request, (replays) => replays.pause(id));
  }

  @Post(':id/resume')
  @HttpCode(200)
  @ApiResumeReplay()
  resume(@Param(PATH) { id }: ReplayPathDto, @Req() request: FastifyRequest): Promise<ReplayJobBody> {
    return this.#job(request, (replays) => replays.resume(id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiCancelReplay()
  cancel(@Param(PATH) { id }: ReplayPathDto, @Req() request: FastifyRequest): Promise<ReplayJobBody> {
    return this.#job(request, (replays) => replays.cancel(id));
  }

  async #job(request: FastifyRequest, work: (replays: ReplayJobs) => Promise<ReplayJob>): Promise<ReplayJobBody> {
    refuseInput(request);
    return replayJobBody(await this.answers.run((store) => work(store.replays)));
  }
}
