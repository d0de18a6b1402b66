import {
  EVENT_BASES,
  type RewindResponse,
  type SubscriptionBody,
  type SubscriptionsResponse,
  subscriptionRoute,
} from '@annals/contract';
import {
  type EventStore,
  type SubscriptionOptions,
  type SubscriptionStatus,
  type Subscriptions,
  checkSubscription,
  isAnnalsError,
} from '@annals/core';
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Answers } from '../http/answers.ts';
import { DtoPipe } from '../http/dto.pipe.ts';
import { refuseInput, refuseQuery } from '../http/no-input.ts';
import { pageOfList } from '../http/page-of-list.ts';
import { sameBase } from '../http/same-base.ts';
import {
  ApiCreateSubscription,
  ApiDeleteSubscription,
  ApiPauseSubscription,
  ApiResumeSubscription,
  ApiRewindSubscription,
  ApiSubscription,
  ApiSubscriptions,
} from '../openapi/subscription.docs.ts';
import { readStart, refuseTooManyPositions } from './start-of.ts';
import { subscriptionBody } from './subscription-body.ts';
import { CreateSubscriptionDto, RewindDto, SubscriptionPathDto, SubscriptionsQueryDto } from './subscription.dto.ts';

const PATH = new DtoPipe(SubscriptionPathDto, 'a part of this path');
const QUERY = new DtoPipe(SubscriptionsQueryDto, 'a parameter of this route');
const NEW = new DtoPipe(CreateSubscriptionDto, 'a field of a subscription');
const REWIND = new DtoPipe(RewindDto, 'a field of this body');

/** `/events/subscriptions`: what operators do with them. */
@Controller(EVENT_BASES.map((base) => `${base}/subscriptions`))
export class SubscriptionsController {
  constructor(@Inject(Answers) private readonly answers: Answers) {}

  @Get()
  @ApiSubscriptions()
  async list(@Query(QUERY) query: SubscriptionsQueryDto): Promise<SubscriptionsResponse> {
    const all = await this.answers.run((store) => store.subscriptions.list());
    const { items, nextCursor } = pageOfList(all, ({ name }) => name, query);
    return { subscriptions: items.map(subscriptionBody), nextCursor };
  }

  @Post()
  @ApiCreateSubscription()
  async create(
    @Body(NEW) body: CreateSubscriptionDto,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    refuseQuery(request.query);
    refuseTooManyPositions(body.from, 'from');
    const options = { ...body } as SubscriptionOptions;
    checkSubscription(options);
    const { existed, status } = await this.answers.run((store) => create(store, options));
    const location = sameBase(request, subscriptionRoute(status.name));
    void reply
      .code(existed ? 200 : 201)
      .header('location', location)
      .send(subscriptionBody(status));
  }

  @Get(':name')
  @ApiSubscription()
  get(@Param(PATH) { name }: SubscriptionPathDto, @Req() request: FastifyRequest): Promise<SubscriptionBody> {
    refuseQuery(request.query);
    return this.#status((subscriptions) => subscriptions.get(name));
  }

  @Post(':name/pause')
  @HttpCode(200)
  @ApiPauseSubscription()
  pause(@Param(PATH) { name }: SubscriptionPathDto, @Req() request: FastifyRequest): Promise<SubscriptionBody> {
    refuseInput(request);
    return this.#status((subscriptions) => subscriptions.pause(name));
  }

  @Post(':name/resume')
  @HttpCode(200)
  @ApiResumeSubscription()
  resume(@Param(PATH) { name }: SubscriptionPathDto, @Req() request: FastifyRequest): Promise<SubscriptionBody> {
    refuseInput(request);
    return this.#status((subscriptions) => subscriptions.resume(name));
  }

  @Post(':name/rewind')
  @HttpCode(200)
  @ApiRewindSubscription()
  async rewind(
    @Param(PATH) { name }: SubscriptionPathDto,
    @Body(REWIND) body: RewindDto,
    @Req() request: FastifyRequest,
  ): Promise<RewindResponse> {
    refuseQuery(request.query);
    const to = readStart(body.to, 'to');
    const preview = body.preview ?? false;
    const { events, again, skipped, from } = await this.answers.run(({ subscriptions }) =>
      preview ? subscriptions.previewRewind(name, to) : subscriptions.rewind(name, to),
    );
    return { subscription: name, preview, events, again, skipped, from };
  }

  @Delete(':name')
  @HttpCode(204)
  @ApiDeleteSubscription()
  async delete(@Param(PATH) { name }: SubscriptionPathDto, @Req() request: FastifyRequest): Promise<void> {
    refuseInput(request);
    await this.answers.run((store) => store.subscriptions.delete(name));
  }

  async #status(work: (subscriptions: Subscriptions) => Promise<SubscriptionStatus>): Promise<SubscriptionBody> {
    return subscriptionBody(await this.answers.run((store) => work(store.subscriptions)));
  }
}

/** The store does not tell whether it made the subscription: one that came in between counts as made here. */
async function create(
  { subscriptions }: EventStore,
  options: SubscriptionOptions,
): Promise<{ readonly existed: boolean; readonly status: SubscriptionStatus }> {
  const existed = await exists(subscriptions, options.name);
  return { existed, status: await subscriptions.create(options) };
}

async function exists(subscriptions: Subscriptions, name: string): Promise<boolean> {
  try {
    await subscriptions.get(name);
    return true;
  } catch (error) {
    if (isAnnalsError(error) && error.code === 'subscription-not-found') return false;
    throw error;
  }
}
