import { applyDecorators } from '@nestjs/common';
import {
  ApiBody,
  ApiExtraModels,
  ApiHeader,
  ApiOperation,
  ApiQuery,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { AppendResponseSchema, NewEventSchema, NewEventsSchema } from './schemas.ts';

const header = (name: string, description: string): MethodDecorator & ClassDecorator =>
  ApiHeader({ name, description, required: false });

/** Describes `POST /events`. */
export function ApiAppend(): MethodDecorator {
  return applyDecorators(
    ApiTags('events'),
    ApiOperation({
      operationId: 'appendEvents',
      summary: 'Append one event or several, all or none',
      description:
        'Events of one aggregate get consecutive versions. Several aggregates of one stream can be appended to at once.',
    }),
    ApiExtraModels(NewEventSchema, NewEventsSchema),
    ApiQuery({
      name: 'tenantId',
      required: false,
      description: 'The tenant of events that name none; default unless given.',
    }),
    header('If-Match', 'A version in quotes that the one aggregate must be at, or * for one that has events.'),
    header('If-None-Match', '* for an aggregate that has no events yet.'),
    header('Idempotency-Key', 'A repetition within 30 days answers with the first result.'),
    header('traceparent', 'W3C trace context, stored with the events.'),
    header('tracestate', 'W3C trace context, stored with the events.'),
    ApiBody({ schema: { oneOf: [{ $ref: getSchemaPath(NewEventSchema) }, { $ref: getSchemaPath(NewEventsSchema) }] } }),
    ApiResponse({ status: 201, description: 'Stored.', type: AppendResponseSchema }),
    ApiResponse({ status: 200, description: 'An earlier attempt had stored them.', type: AppendResponseSchema }),
    ApiProblems(400, 409, 412, 413, 415, 421, 422, 503),
  );
}
