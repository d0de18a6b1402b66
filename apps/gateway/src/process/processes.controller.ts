import {
  EVENT_BASES,
  type ProcessBody,
  type ProcessInstanceBody,
  type ProcessInstancesResponse,
  type ProcessesResponse,
} from '@annals/contract';
import { Body, Controller, Get, HttpCode, Inject, Param, Post, Query, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { refuseQuery } from '../http/no-input.ts';
import { pageOfList } from '../http/page-of-list.ts';
import { readTenant } from '../http/read-tenant.ts';
import {
  ApiEndProcessInstance,
  ApiProcess,
  ApiProcessInstance,
  ApiProcessInstances,
  ApiProcesses,
} from '../openapi/process.docs.ts';
import { instanceBody, instanceSummaryBody, processBody } from './process-body.ts';
import {
  EndInstanceDto,
  InstancePathDto,
  InstancesQueryDto,
  ProcessPathDto,
  ProcessesQueryDto,
} from './process.dto.ts';

const PATH = new DtoPipe(ProcessPathDto, 'a part of this path');
const INSTANCE = new DtoPipe(InstancePathDto, 'a part of this path');
const QUERY = new DtoPipe(ProcessesQueryDto, 'a parameter of this route');
const INSTANCES = new DtoPipe(InstancesQueryDto, 'a parameter of this route');
const END = new DtoPipe(EndInstanceDto, 'a field of this body');

/** `/events/processes`: what operators see of process managers, and do with their instances. */
@Controller(EVENT_BASES.map((base) => `${base}/processes`))
export class ProcessesController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get()
  @ApiProcesses()
  async list(@Query(QUERY) query: ProcessesQueryDto): Promise<ProcessesResponse> {
    const all = await this.answers.run((store) => store.processes.list());
    const { items, nextCursor } = pageOfList(all, ({ name }) => name, query);
    return { processes: items.map(processBody), nextCursor };
  }

  @Get(':name')
  @ApiProcess()
  async get(@Param(PATH) { name }: ProcessPathDto, @Req() request: FastifyRequest): Promise<ProcessBody> {
    refuseQuery(request.query);
    return processBody(await this.answers.run((store) => store.processes.get(name)));
  }

  @Get(':name/instances')
  @ApiProcessInstances()
  async instances(
    @Param(PATH) { name }: ProcessPathDto,
    @Query(INSTANCES) query: InstancesQueryDto,
  ): Promise<ProcessInstancesResponse> {
    const { state, tenantId, limit, cursor } = query;
    const page = await this.answers.run((store) =>
      store.processes.instances(name, { state, tenantId }, { limit, cursor }),
    );
    return { instances: page.instances.map(instanceSummaryBody), nextCursor: page.nextCursor ?? null };
  }

  @Get(':name/instances/:key')
  @ApiProcessInstance()
  async instance(
    @Param(INSTANCE) { name, key }: InstancePathDto,
    @Req() request: FastifyRequest,
  ): Promise<ProcessInstanceBody> {
    const tenantId = readTenant(request.query);
    return instanceBody(await this.answers.run((store) => store.processes.instance(name, key, { tenantId })));
  }

  @Post(':name/instances/:key/end')
  @HttpCode(200)
  @ApiEndProcessInstance()
  async end(
    @Param(INSTANCE) { name, key }: InstancePathDto,
    @Body(END) body: EndInstanceDto,
    @Req() request: FastifyRequest,
  ): Promise<ProcessInstanceBody> {
    const tenantId = readTenant(request.query, body.tenantId);
    const reason = body.reason as string | undefined;
    return instanceBody(await this.answers.run((store) => store.processes.end(name, key, { tenantId, reason })));
  }
}
