import type { EventPage } from '@annals/contract';
import type { EventStore, RecordedEvent } from '@annals/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answers, ReadBody } from '../http/answers.ts';
import { within } from '../http/deadline.ts';
import type { ReadOperation } from '../metrics/api-metrics.ts';
import type { ProblemFilter } from '../problem/problem.filter.ts';
import { openItems, sendNdjson, wantsNdjson } from '../stream/ndjson-response.ts';
import type { OpenStreams } from '../stream/open-streams.ts';
import { eventBody } from './event-body.ts';
import { openAll } from './event-reader.ts';
import type { EventSelection } from './event-selection.ts';

/** Opens the items of a list; the signal ends their reading. */
export type OpenList<Item> = (store: EventStore, signal: AbortSignal) => Promise<AsyncIterable<Item>>;

/** Answers requests for lists of events: a page as JSON, or all as NDJSON. */
export class ListAnswers {
  constructor(
    private readonly answers: Answers,
    private readonly streams: OpenStreams,
    private readonly problems: Pick<ProblemFilter, 'describe' | 'report'>,
  ) {}

  async send<Body extends EventPage>(
    operation: ReadOperation,
    selection: EventSelection,
    request: FastifyRequest,
    reply: FastifyReply,
    readBody: ReadBody<Body>,
  ): Promise<void> {
    if (wantsNdjson(request.headers.accept)) {
      const open: OpenList<RecordedEvent> = (store, signal) => openAll(store, selection, signal);
      await this.answers.measured(operation, () => this.stream(request, reply, open, eventBody));
    } else {
      await this.answers.send(operation, reply.header('vary', 'accept'), readBody);
    }
  }

  /** Answers with all items as NDJSON. @returns how many were written */
  stream<Item>(
    request: FastifyRequest,
    reply: FastifyReply,
    open: OpenList<Item>,
    lineOf: (item: Item) => object,
  ): Promise<number> {
    const { store, timeoutMs } = this.answers;
    return this.streams.run(async () => {
      const cancel = new AbortController();
      const opened = await within(timeoutMs, async (signal) => {
        return openItems(await open(store, AbortSignal.any([signal, cancel.signal])));
      });
      return sendNdjson(opened, request, reply, (reason) => cancel.abort(reason), {
        lineOf,
        stallTimeoutMs: timeoutMs,
        problemOf: (error) => this.problems.describe(error, request).problem,
        onBrokenOff: (error) => this.problems.report(error, request),
      });
    });
  }
}
