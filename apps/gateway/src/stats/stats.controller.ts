import { EVENT_BASES, type StatsResponse, type StorageBody } from '@annals/contract';
import { DEFAULT_TENANT, type EventStore } from '@annals/core';
import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readTenant } from '../http/read-tenant.ts';
import { ApiStats } from '../openapi/read.docs.ts';
import { Answers } from '../http/answers.ts';

/** `GET /events/stats`. */
@Controller([...EVENT_BASES])
export class StatsController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get('stats')
  @ApiStats()
  async stats(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const tenantId = readTenant(request.query) ?? DEFAULT_TENANT;
    await this.answers.send('stats', reply, (store) => readStats(store, tenantId));
  }
}

async function readStats(store: EventStore, tenantId: string): Promise<StatsResponse> {
  const [stats, storage] = await Promise.all([store.stats({ tenantId }), readStorage(store)]);
  return storage === undefined ? stats : { ...stats, storage };
}

async function readStorage(store: EventStore): Promise<StorageBody | undefined> {
  const { state, streams } = await store.status();
  if (state !== 'ready') return undefined;
  const sizes = streams.map(({ name, messages, bytes }) => ({ name, messages, bytes }));
  return { bytes: sizes.reduce((sum, { bytes }) => sum + bytes, 0), streams: sizes };
}
