import type { EventPage } from '@annals/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Answers, ReadBody } from '../http/answers.ts';
import { within } from '../http/deadline.ts';
import type { ReadOperation } from '../metrics/api-metrics.ts';
import type { ProblemFilter } from '../problem/problem.filter.ts';
import { openEvents, sendNdjson, wantsNdjson } from '../stream/ndjson-response.ts';
import type { OpenStreams } from '../stream/open-streams.ts';
import { openAll } from './event-reader.ts';
import type { EventSelection } from './event-selection.ts';

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
      await this.answers.measured(operation, () => this.#stream(selection, request, reply));
    } else {
      await this.answers.send(operation, reply.header('vary', 'accept'), readBody);
    }
  }

  #stream(selection: EventSelection, request: FastifyRequest, reply: FastifyReply): Promise<number> {
    const { store, timeoutMs } = this.answers;
    return this.streams.run(async () => {
      const cancel = new AbortController();
      const opened = await within(timeoutMs, async (signal) => {
        const events = await openAll(store, selection, AbortSignal.any([signal, cancel.signal]));
        return openEvents(events);
      });
      return sendNdjson(opened, request, reply, (reason) => cancel.abort(reason), {
        stallTimeoutMs: timeoutMs,
        problemOf: (error) => this.problems.describe(error, request).problem,
        onBrokenOff: (error) => this.problems.report(error, request),
      });
    });
  }
}
