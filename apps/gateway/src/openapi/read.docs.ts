import { type Type, applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiHeader, ApiOperation, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { NDJSON } from '@annals/contract';
import { ReplayRequestDto } from '../read/replay-request.dto.ts';
import { ReconstructRequestDto } from '../state/reconstruct.dto.ts';
import { ApiProblems } from './problems.docs.ts';
import { ApiStartsReplay } from './replay-job.docs.ts';
import {
  AggregateResponseSchema,
  EventSchema,
  HistoryResponseSchema,
  ReconstructResponseSchema,
  ReplayResponseSchema,
  StatsResponseSchema,
} from './schemas.ts';
import { tenantQuery } from './tenant-query.ts';

/** A list as JSON or NDJSON. */
function list(page: Type, summary: string, operationId: string, ...problems: number[]): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({
      operationId,
      summary,
      description: `With \`Accept: ${NDJSON}\` one event a line; without limit all of them.`,
    }),
    ApiExtraModels(page, EventSchema),
    ApiResponse({
      status: 200,
      description: 'A page, or all events as lines.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(page) } },
        [NDJSON]: { schema: { $ref: getSchemaPath(EventSchema) } },
      },
    }),
    ApiProblems(400, ...problems, 421, 503),
  );
}

/** Describes `GET /events/history`. */
export function ApiHistory(): MethodDecorator {
  return list(HistoryResponseSchema, 'History of an aggregate, a type or all', 'getHistory');
}

/** Describes `GET /events/replay`. */
export function ApiReplay(): MethodDecorator {
  return list(ReplayResponseSchema, 'Events by criteria', 'replayEvents');
}

/** Describes `POST /events/replay`. */
export function ApiReplayByBody(): MethodDecorator {
  return applyDecorators(
    list(
      ReplayResponseSchema,
      'Events by criteria in a body; with a target, a job that hands them over there',
      'replayEventsByBody',
      404,
      415,
      422,
    ),
    ApiStartsReplay(),
    tenantQuery(),
    ApiBody({ type: ReplayRequestDto, required: false }),
  );
}

/** Describes `GET /events/aggregate`. */
export function ApiAggregate(): MethodDecorator {
  return applyDecorators(
    list(AggregateResponseSchema, "An aggregate's events and its version", 'getAggregate', 404),
    ApiHeader({ name: 'If-None-Match', required: false, description: 'ETag of an earlier answer.' }),
    ApiResponse({ status: 304, description: 'Still at the version of If-None-Match, with all events stored.' }),
  );
}

/** Describes `GET /events/stats`. */
export function ApiStats(): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({ operationId: 'getStats', summary: "Exact counts of a tenant's events" }),
    tenantQuery(),
    ApiResponse({ status: 200, description: 'The counts.', type: StatsResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `POST /events/streams/:id/reconstruct`. */
export function ApiReconstruct(): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({
      operationId: 'reconstructState',
      summary: 'State of an aggregate at a version or a time',
      description:
        'By the reducer of STATE_MODULE; else data of the events is merged in version order (RFC 7396), and a type that ends ' +
        'in .deleted sets isDeleted and deletedAt.',
    }),
    ApiBody({ type: ReconstructRequestDto, required: false }),
    ApiResponse({ status: 200, description: 'The state and a page of its events.', type: ReconstructResponseSchema }),
    ApiProblems(400, 404, 409, 415, 421, 500, 503),
  );
}
