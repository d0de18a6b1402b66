import { applyDecorators } from '@nestjs/common';
import { NDJSON } from '@annals/contract';
import { ApiBody, ApiExtraModels, ApiOperation, ApiParam, ApiResponse, ApiTags, getSchemaPath } from '@nestjs/swagger';
import { DeadLetterSelectionDto, RedriveDto } from '../dead-letter/dead-letter.dto.ts';
import {
  DeadLetterSchema,
  DeadLettersResponseSchema,
  PurgeResponseSchema,
  RedriveResponseSchema,
} from './dead-letter.schemas.ts';
import { ApiProblems } from './problems.docs.ts';
import { tenantQuery } from './tenant-query.ts';

const ENCODED = 'The id percent-encoded into one part of the path is taken too.';

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('dead letters'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

const ofOne = (): MethodDecorator =>
  applyDecorators(
    ApiParam({ name: 'subscription', type: String }),
    ApiParam({ name: 'stream', type: String }),
    ApiParam({ name: 'sequence', type: Number }),
    ApiProblems(400, 404, 421, 503),
  );

/** Describes `GET /events/dead-letters`. */
export function ApiDeadLetters(): MethodDecorator {
  return applyDecorators(
    operation(
      'listDeadLetters',
      'Events that subscriptions gave up on, oldest first',
      `With \`Accept: ${NDJSON}\` one a line; without limit all of them.`,
    ),
    ApiExtraModels(DeadLettersResponseSchema, DeadLetterSchema),
    ApiResponse({
      status: 200,
      description: 'A page, or all as lines.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(DeadLettersResponseSchema) } },
        [NDJSON]: { schema: { $ref: getSchemaPath(DeadLetterSchema) } },
      },
    }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `POST /events/dead-letters/redrive`. */
export function ApiRedriveDeadLetters(): MethodDecorator {
  return applyDecorators(
    operation(
      'redriveDeadLetters',
      'Have dead letters handled again',
      'Answered when they wait for their subscriptions durably. A letter stays until it is handled.',
    ),
    tenantQuery('Of events of this tenant; of all tenants unless given.'),
    ApiBody({ type: RedriveDto }),
    ApiResponse({ status: 200, description: 'What was set in motion.', type: RedriveResponseSchema }),
    ApiProblems(400, 404, 413, 415, 421, 503),
  );
}

/** Describes `POST /events/dead-letters/purge`. */
export function ApiPurgeDeadLetters(): MethodDecorator {
  return applyDecorators(
    operation('purgeDeadLetters', 'Remove dead letters for good', 'The events stay where they are stored.'),
    tenantQuery('Of events of this tenant; of all tenants unless given.'),
    ApiBody({ type: DeadLetterSelectionDto }),
    ApiResponse({ status: 200, description: 'How many.', type: PurgeResponseSchema }),
    ApiProblems(400, 413, 415, 421, 503),
  );
}

/** Describes `GET /events/dead-letters/:subscription/:stream/:sequence`. */
export function ApiDeadLetter(): MethodDecorator {
  return applyDecorators(
    operation('getDeadLetter', 'One dead letter', ENCODED),
    ApiResponse({ status: 200, description: 'The dead letter.', type: DeadLetterSchema }),
    ofOne(),
  );
}

/** Describes `POST /events/dead-letters/:subscription/:stream/:sequence/redrive`. */
export function ApiRedriveDeadLetter(): MethodDecorator {
  return applyDecorators(
    operation('redriveDeadLetter', 'Have one dead letter handled again', ENCODED),
    ApiResponse({ status: 200, description: 'What was set in motion.', type: RedriveResponseSchema }),
    ofOne(),
  );
}

/** Describes `DELETE /events/dead-letters/:subscription/:stream/:sequence`. */
export function ApiDeleteDeadLetter(): MethodDecorator {
  return applyDecorators(
    operation('deleteDeadLetter', 'Remove one dead letter for good', ENCODED),
    ApiResponse({ status: 204, description: 'It is gone.' }),
    ofOne(),
  );
}
