import { EVENT_BASES, type HistoryResponse, type ReplayResponse, replayJobRoute } from '@annals/contract';
import type { EventStore } from '@annals/core';
import { Body, Controller, Get, HttpCode, Inject, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { readIdempotencyKey } from '../http/idempotency-key.ts';
import { readTenant } from '../http/read-tenant.ts';
import { sameBase } from '../http/same-base.ts';
import { ApiHistory, ApiReplay, ApiReplayByBody } from '../openapi/read.docs.ts';
import { replayJobBody } from '../replay/replay-job-body.ts';
import { readReplayRequest, refuseJobFields } from '../replay/replay-job-request.ts';
import { eventBody } from './event-body.ts';
import { readCountedPage } from './event-reader.ts';
import { type EventSelection, selectionOf } from './event-selection.ts';
import { ListAnswers } from './list-answers.ts';
import { ListQueryDto } from './list-query.dto.ts';
import { ReplayRequestDto } from './replay-request.dto.ts';

const QUERY = new DtoPipe(ListQueryDto, 'a parameter of this route');
const REPLAY_BODY = new DtoPipe(ReplayRequestDto, 'a field of this body');

/** `GET /events/history`, `GET` and `POST /events/replay`. */
@Controller([...EVENT_BASES])
export class EventsController {
  constructor(
    @Inject(ListAnswers) private readonly lists: ListAnswers,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get('history')
  @ApiHistory()
  history(
    @Query(QUERY) query: ListQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const selection = selectionOf(query);
    return this.lists.send('history', selection, request, reply, (store, signal) =>
      readHistory(store, selection, signal),
    );
  }

  @Get('replay')
  @ApiReplay()
  replay(@Query(QUERY) query: ListQueryDto, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#replay(selectionOf(query), request, reply);
  }

  @Post('replay')
  @HttpCode(200)
  @ApiReplayByBody()
  async replayByBody(
    @Body(REPLAY_BODY) body: ReplayRequestDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const tenantId = readTenant(request.query, body.tenantId);
    if (body.target !== undefined) return this.#startReplay(body, tenantId, request, reply);
    refuseJobFields(body);
    await this.#replay(selectionOf({ ...body, tenantId }), request, reply);
  }

  async #startReplay(
    body: ReplayRequestDto,
    tenantId: string | undefined,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> {
    const wanted = readReplayRequest(body, tenantId, readIdempotencyKey(request.raw));
    const job = await this.answers.run((store) => store.replays.start(wanted));
    const location = sameBase(request, replayJobRoute(job.id));
    void reply.code(202).header('location', location).send(replayJobBody(job));
  }

  #replay(selection: EventSelection, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    return this.lists.send('replay', selection, request, reply, async (store, signal): Promise<ReplayResponse> => {
      const { totalEvents, events, nextCursor } = await readCountedPage(store, selection, signal);
      return { totalEvents, events: events.map(eventBody), nextCursor };
    });
  }
}

async function readHistory(
  store: EventStore,
  selection: EventSelection,
  signal: AbortSignal,
): Promise<HistoryResponse> {
  const page = await readCountedPage(store, selection, signal);
  return {
    aggregateId: selection.filter.aggregateId,
    aggregateType: selection.filter.aggregateType ?? page.aggregate?.type,
    retainedFromVersion: page.retainedFromVersion,
    totalEvents: page.totalEvents,
    events: page.events.map(eventBody),
    nextCursor: page.nextCursor,
  } as HistoryResponse;
}
