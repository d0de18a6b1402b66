import { EVENT_BASES } from '@annals/contract';
import { ValidationError } from '@annals/core';
import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DtoPipe } from '../http/dto.pipe.ts';
import { ApiLiveEvents, ApiLiveSocket } from '../openapi/live.docs.ts';
import { HttpProblem } from '../problem/http-problem.ts';
import { ProblemFilter } from '../problem/problem.filter.ts';
import { canonicalFilter } from './live-filter.ts';
import { LiveQueryDto } from './live-query.dto.ts';
import { LiveService } from './live-service.ts';
import { type CheckedLiveStart, checkLiveStart, placesOf } from './live-start.ts';
import { SseClient } from './sse-client.ts';

const QUERY = new DtoPipe(LiveQueryDto, 'a parameter of this route');
const EVENT_STREAM = 'text/event-stream; charset=utf-8';

/** `GET /events/live`; and what `/events/ws` says to a request that is no WebSocket. */
@Controller([...EVENT_BASES])
export class LiveController {
  constructor(
    @Inject(LiveService) private readonly live: LiveService,
    @Inject(ProblemFilter) private readonly problems: ProblemFilter,
  ) {}

  @Get('live')
  @ApiLiveEvents()
  async events(
    @Query(QUERY) query: LiveQueryDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { origin, host } = request.headers;
    this.live.checkOrigin(origin, host);
    const filter = canonicalFilter(query);
    const start = startOf(query, request.headers['last-event-id']);
    const release = this.live.clients.reserve();
    try {
      const { config, metrics } = this.live;
      const problemOf = (error: unknown) => this.problems.describe(error, request).problem;
      prepare(reply, origin);
      if (request.method === 'HEAD') return void reply.send();
      const client = new SseClient(reply.raw, { ...config, problemOf, metrics });
      const { subscription, letGo } = await this.live.open(filter, start, client);
      try {
        reply.hijack();
        reply.raw.writeHead(200, reply.getHeaders() as Record<string, string>);
        this.live.clients.add(client);
        release();
        client.begin(subscription.cursor);
        await subscription.run(client.gone);
      } catch (error) {
        this.problems.report(error, request);
        metrics.clientDropped('failed');
        client.fail(error);
      } finally {
        this.live.clients.remove(client);
        letGo();
      }
    } finally {
      release();
    }
  }

  @Get('ws')
  @ApiLiveSocket()
  socket(): never {
    throw new HttpProblem(
      'upgrade-required',
      'Connect by WebSocket, or follow events over HTTP by GET /events/live.',
      {},
      { upgrade: 'websocket', connection: 'Upgrade' },
    );
  }
}

/** @throws ValidationError where several are given */
function startOf({ from, after, recordedFrom }: LiveQueryDto, lastEventId: unknown): CheckedLiveStart {
  if ([from, after, recordedFrom].filter((start) => start !== undefined).length > 1) {
    throw new ValidationError([{ path: 'from', message: 'only one of from, after and recordedFrom can be given' }]);
  }
  // A browser repeats the query when it connects again, and adds this.
  const since = recordedFrom === undefined ? undefined : checkLiveStart({ recordedFrom }, 'recordedFrom');
  if (typeof lastEventId === 'string' && lastEventId !== '') {
    return { ...(typeof since === 'object' && since), after: placesOf(lastEventId, 'Last-Event-ID') };
  }
  if (after !== undefined) return { after: placesOf(after, 'after') };
  return since ?? from ?? 'now';
}

function prepare(reply: FastifyReply, origin: string | undefined): void {
  reply.header('content-type', EVENT_STREAM);
  // Nothing on the way may keep, gather or compress it.
  reply.header('cache-control', 'no-cache, no-store, no-transform');
  reply.header('x-accel-buffering', 'no');
  reply.header('vary', 'origin');
  if (origin !== undefined) reply.header('access-control-allow-origin', origin);
}
