import { EVENT_BASES } from '@annals/contract';
import { DEFAULT_TENANT, type Logger, ValidationError, type ValidationProblem, checkTimestamp } from '@annals/core';
import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { ApiAggregateDiff, ApiAggregateState } from '../openapi/state.docs.ts';
import type { AggregateName } from '../read/find-aggregate.ts';
import { versionTag } from '../read/version-tag.ts';
import { readPoint } from './diff-point.ts';
import { diffStates } from './diff-states.ts';
import { readState } from './read-state.ts';
import { StateModule } from './state-module.ts';
import { DiffQueryDto, StateQueryDto } from './state.dto.ts';

const STATE = new DtoPipe(StateQueryDto, 'a parameter of this route');
const DIFF = new DtoPipe(DiffQueryDto, 'a parameter of this route');

/** Where what is passed over, such as a snapshot that cannot be used, is logged. */
export const STATE_LOGGER = Symbol('state-logger');

/** `GET /events/aggregate/state` and `GET /events/aggregate/diff`. */
@Controller(EVENT_BASES.map((base) => `${base}/aggregate`))
export class StateController {
  constructor(
    @Inject(Answers) private readonly answers: Answers,
    @Inject(StateModule) private readonly module: StateModule,
    @Inject(STATE_LOGGER) private readonly logger: Logger,
  ) {}

  @Get('state')
  @ApiAggregateState()
  async state(@Query(STATE) query: StateQueryDto, @Res() reply: FastifyReply): Promise<void> {
    const { atVersion, asOf, allowIncomplete = false } = query;
    const problems: ValidationProblem[] = [];
    if (atVersion !== undefined && asOf !== undefined) {
      problems.push({ path: 'asOf', message: 'must not be given together with atVersion' });
    }
    const name = nameOf(query, problems);
    const wanted = {
      ...(atVersion !== undefined && { atVersion }),
      asOf: asOf === undefined ? undefined : checkTimestamp(asOf, 'asOf'),
      allowIncomplete,
    };
    const checkTime = this.answers.timer();
    await this.answers.send('state', reply, async (store, signal) => {
      const body = await readState(store, this.module, name, wanted, { signal, checkTime }, this.logger);
      reply.header('etag', versionTag(body.version)).header('cache-control', 'private, no-cache');
      return body;
    });
  }

  @Get('diff')
  @ApiAggregateDiff()
  async diff(@Query(DIFF) query: DiffQueryDto, @Res() reply: FastifyReply): Promise<void> {
    const problems: ValidationProblem[] = [];
    const from = readPoint(query.from);
    if (from === undefined) problems.push({ path: 'from', message: 'is needed' });
    const name = nameOf(query, problems);
    const wanted = { from: from!, to: readPoint(query.to), allowIncomplete: query.allowIncomplete ?? false };
    const checkTime = this.answers.timer();
    await this.answers.send('diff', reply, (store, signal) =>
      diffStates(store, this.module, name, wanted, { signal, checkTime }),
    );
  }
}

/** @throws ValidationError with these problems, and with that of a missing id */
function nameOf(
  { aggregateId, aggregateType, tenantId = DEFAULT_TENANT }: StateQueryDto | DiffQueryDto,
  problems: ValidationProblem[],
): AggregateName {
  if (aggregateId === undefined) problems.push({ path: 'aggregateId', message: 'is needed' });
  if (problems.length > 0) throw new ValidationError(problems);
  return { tenantId, id: aggregateId!, type: aggregateType };
}
