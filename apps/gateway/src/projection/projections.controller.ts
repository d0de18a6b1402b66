import { EVENT_BASES, type ProjectionBody, type ProjectionsResponse } from '@annals/contract';
import type { ProjectionStatus, Projections } from '@annals/core';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { refuseInput, refuseQuery } from '../http/no-input.ts';
import { pageOfList } from '../http/page-of-list.ts';
import {
  ApiForgetProjection,
  ApiPauseProjection,
  ApiProjection,
  ApiProjections,
  ApiRebuildProjection,
  ApiResumeProjection,
} from '../openapi/projection.docs.ts';
import { projectionBody } from './projection-body.ts';
import { ProjectionPathDto, ProjectionsQueryDto } from './projection.dto.ts';

const PATH = new DtoPipe(ProjectionPathDto, 'a part of this path');
const QUERY = new DtoPipe(ProjectionsQueryDto, 'a parameter of this route');

/** `/events/projections`: what operators do with them. */
@Controller(EVENT_BASES.map((base) => `${base}/projections`))
export class ProjectionsController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get()
  @ApiProjections()
  async list(@Query(QUERY) query: ProjectionsQueryDto): Promise<ProjectionsResponse> {
    const all = await this.answers.run((store) => store.projections.list());
    const { items, nextCursor } = pageOfList(all, ({ name }) => name, query);
    return { projections: items.map(projectionBody), nextCursor };
  }

  @Get(':name')
  @ApiProjection()
  get(@Param(PATH) { name }: ProjectionPathDto, @Req() request: FastifyRequest): Promise<ProjectionBody> {
    refuseQuery(request.query);
    return this.#status((projections) => projections.get(name));
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiPauseProjection()
  pause(@Param(PATH) { name }: ProjectionPathDto, @Req() request: FastifyRequest): Promise<ProjectionBody> {
    refuseInput(request);
    return this.#status((projections) => projections.pause(name));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiResumeProjection()
  resume(@Param(PATH) { name }: ProjectionPathDto, @Req() request: FastifyRequest): Promise<ProjectionBody> {
    refuseInput(request);
    return this.#status((projections) => projections.resume(name));
  }

  @Post(':name/rebuild')
  @HttpCode(202)
  @ApiRebuildProjection()
  rebuild(@Param(PATH) { name }: ProjectionPathDto, @Req() request: FastifyRequest): Promise<ProjectionBody> {
    refuseInput(request);
    return this.#status((projections) => projections.rebuild(name));
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiForgetProjection()
  async forget(@Param(PATH) { name }: ProjectionPathDto, @Req() request: FastifyRequest): Promise<void> {
    refuseInput(request);
    await this.answers.run((store) => store.projections.forget(name));
  }

  async #status(work: (projections: Projections) => Promise<ProjectionStatus>): Promise<ProjectionBody> {
    return projectionBody(await this.answers.run((store) => work(store.projections)));
  }
}
