import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { DiffResponseSchema, StateResponseSchema } from './state.schemas.ts';

/** Describes `GET /events/aggregate/state`. */
export function ApiAggregateState(): MethodDecorator {
  return applyDecorators(
    ApiTags('state'),
    ApiOperation({
      operationId: 'getState',
      summary: 'State of an aggregate at a version or a time',
      description: 'Folded by the reducer of STATE_MODULE, else data of the events is merged (RFC 7396).',
    }),
    ApiResponse({
      status: 200,
      description: 'The state.',
      type: StateResponseSchema,
      headers: { ETag: { description: 'The version, in quotes.', schema: { type: 'string' } } },
    }),
    ApiProblems(400, 404, 409, 421, 500, 503),
  );
}

/** Describes `GET /events/aggregate/diff`. */
export function ApiAggregateDiff(): MethodDecorator {
  return applyDecorators(
    ApiTags('state'),
    ApiOperation({
      operationId: 'getDiff',
      summary: 'What changed between two states of an aggregate, and which event changed it',
    }),
    ApiResponse({ status: 200, description: 'JSON Patches (RFC 6902).', type: DiffResponseSchema }),
    ApiProblems(400, 404, 409, 421, 422, 500, 503),
  );
}
