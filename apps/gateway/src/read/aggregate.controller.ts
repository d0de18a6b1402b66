import { type AggregateResponse, EVENT_BASES } from '@annals/contract';
import { type AggregateHead, type EventStore, ValidationError } from '@annals/core';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { inTime, within } from '../http/deadline.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { ApiAggregate } from '../openapi/read.docs.ts';
import { eventBody } from './event-body.ts';
import { oldestRetained, placeOf, readPage } from './event-reader.ts';
import { type EventSelection, selectionOf } from './event-selection.ts';
import { findAggregate } from './find-aggregate.ts';
import { ListAnswers } from './list-answers.ts';
import { ListQueryDto } from './list-query.dto.ts';
import { isKnownVersion, versionTag } from './version-tag.ts';

const QUERY = new DtoPipe(ListQueryDto, 'a parameter of this route');

/** What a 304 depends on: the same as the 200 that it stands for. */
const VARY = 'accept, accept-encoding';

/** `GET /events/aggregate`. */
@Controller([...EVENT_BASES])
export class AggregateController {
  constructor(
    @Inject(ListAnswers) private readonly lists: ListAnswers,
    @Inject(Answers) private readonly answers: Answers,
  ) {}

  @Get('aggregate')
  @ApiAggregate()
  async aggregate(
    @Query(QUERY) query: ListQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    if (query.aggregateId === undefined) {
      throw new ValidationError([{ path: 'aggregateId', message: 'is needed' }]);
    }
    const asked = selectionOf(query);
    const head = await this.#head(query.aggregateId, asked);
    const selection = { ...asked, filter: { ...asked.filter, aggregateType: head.aggregate.type } };
    placeOf(selection); // A wrong cursor is refused also where nothing would be read with it.
    const isUnchanged = await this.#isUnchanged(request.headers['if-none-match'], head);
    reply.header('etag', versionTag(head.version)).header('cache-control', 'private, no-cache');
    if (isUnchanged) {
      void reply.header('vary', VARY).code(304).send();
      return;
    }
    await this.lists.send('aggregate', selection, request, reply, async (store, signal) => {
      const body = await readAggregate(store, selection, head, signal);
      reply.header('etag', versionTag(body.version));
      return body;
    });
  }

  /** Retention changes what is answered without a new version, so the version tells nothing once it took something. */
  async #isUnchanged(ifNoneMatch: string | undefined, { aggregate, version }: AggregateHead): Promise<boolean> {
    if (!isKnownVersion(ifNoneMatch, version)) return false;
    const { store, timeoutMs } = this.answers;
    return (await within(timeoutMs, (signal) => oldestRetained(store, aggregate, signal))) === undefined;
  }

  #head(aggregateId: string, { filter }: EventSelection): Promise<AggregateHead> {
    const { store, timeoutMs } = this.answers;
    return inTime(
      timeoutMs,
      findAggregate(store, { tenantId: filter.tenantId, id: aggregateId, type: filter.aggregateType }),
    );
  }
}

async function readAggregate(
  store: EventStore,
  selection: EventSelection,
  head: AggregateHead,
  signal: AbortSignal,
): Promise<AggregateResponse> {
  const { events, nextCursor, retainedFromVersion } = await readPage(store, selection, signal);
  // An event may have been stored since the head was read; the version must not be older than what the answer shows.
  const version = events.reduce((newest, event) => Math.max(newest, event.version ?? 0), head.version);
  const { id: aggregateId, type: aggregateType } = head.aggregate;
  const page = { events: events.map(eventBody), nextCursor };
  return { aggregateId, aggregateType, version, retainedFromVersion, ...page } as AggregateResponse;
}
