import {
  EVENT_BASES,
  type SnapshotBody,
  type SnapshotRef,
  type SnapshotsResponse,
  type SnapshotSummaryBody,
  snapshotRoute,
} from '@annals/contract';
import { DEFAULT_TENANT, type Logger, type Snapshot, type SnapshotSummary } from '@annals/core';
import { Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { refuseBody } from '../http/no-input.ts';
import { sameBase } from '../http/same-base.ts';
import { ApiDeleteSnapshot, ApiSnapshot, ApiSnapshots, ApiTakeSnapshot } from '../openapi/snapshot.docs.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { STATE_LOGGER } from '../state/state.controller.ts';
import { StateModule } from '../state/state-module.ts';
import { SnapshotPathDto, SnapshotQueryDto, SnapshotsQueryDto } from './snapshot.dto.ts';
import { takeSnapshot } from './take-snapshot.ts';

const PATH = new DtoPipe(SnapshotPathDto, 'a part of this path');
const QUERY = new DtoPipe(SnapshotQueryDto, 'a parameter of this route');
const LIST = new DtoPipe(SnapshotsQueryDto, 'a parameter of this route');

/** `/events/snapshots`: what operators do with them. */
@Controller(EVENT_BASES.map((base) => `${base}/snapshots`))
export class SnapshotsController {
  constructor(
    @Inject(Answers) private readonly answers: Answers,
    @Inject(StateModule) private readonly module: StateModule,
    @Inject(STATE_LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  @ApiSnapshots()
  async list(@Query(LIST) { tenantId, aggregateType, limit, cursor }: SnapshotsQueryDto): Promise<SnapshotsResponse> {
    const page = await this.answers.run(({ snapshots }) =>
      snapshots.list({ tenantId, aggregateType }, { limit, cursor }),
    );
    return { snapshots: page.snapshots.map(summaryBody), nextCursor: page.nextCursor ?? null };
  }

  @Get(':type/:id')
  @ApiSnapshot()
  async get(@Param(PATH) path: SnapshotPathDto, @Query(QUERY) { tenantId }: SnapshotQueryDto): Promise<SnapshotBody> {
    const ref = refOf(path, tenantId);
    const snapshot = await this.answers.run(({ snapshots }) => snapshots.get(ref));
    if (!snapshot) throw notFound(ref);
    return snapshotBody(snapshot);
  }

  @Post(':type/:id')
  @ApiTakeSnapshot()
  async take(
    @Param(PATH) path: SnapshotPathDto,
    @Query(QUERY) { tenantId }: SnapshotQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseBody(request.body);
    const ref = refOf(path, tenantId);
    const taken = await this.answers.run((store) => takeSnapshot(store, this.module, ref, this.logger));
    const query = tenantId === undefined ? '' : `?tenantId=${encodeURIComponent(tenantId)}`;
    void reply
      .code(taken.isNew ? 201 : 200)
      .header('location', `${sameBase(request, snapshotRoute(ref.type, ref.id))}${query}`)
      .send(snapshotBody(taken.snapshot));
  }

  @Delete(':type/:id')
  @HttpCode(204)
  @ApiDeleteSnapshot()
  async delete(
    @Param(PATH) path: SnapshotPathDto,
    @Query(QUERY) { tenantId }: SnapshotQueryDto,
    @Req() { body }: FastifyRequest,
  ): Promise<void> {
    refuseBody(body);
    const ref = refOf(path, tenantId);
    if (!(await this.answers.run(({ snapshots }) => snapshots.delete(ref)))) throw notFound(ref);
  }
}

function refOf({ type, id }: SnapshotPathDto, tenantId = DEFAULT_TENANT): Required<SnapshotRef> {
  return { type, id, tenantId };
}

function notFound({ type, id, tenantId }: Required<SnapshotRef>): HttpProblem {
  const detail = `There is no snapshot of ${tenantId}/${type}/${id}.`;
  return new HttpProblem('snapshot-not-found', detail, { aggregateType: type, aggregateId: id });
}

function snapshotBody({ state, ...snapshot }: Snapshot): SnapshotBody {
  const { aggregate, version, stateVersion, takenAt } = snapshot;
  const { tenantId, type: aggregateType, id: aggregateId } = aggregate;
  return { tenantId, aggregateType, aggregateId, version, stateVersion, takenAt, state };
}

function summaryBody({ aggregate, version, stateVersion, takenAt, bytes }: SnapshotSummary): SnapshotSummaryBody {
  const { tenantId, type: aggregateType, id: aggregateId } = aggregate;
  return { tenantId, aggregateType, aggregateId, version, stateVersion, takenAt, bytes };
}
