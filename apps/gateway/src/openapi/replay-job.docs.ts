import { applyDecorators } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { ReplayJobSchema, ReplaysResponseSchema } from './replay-job.schemas.ts';

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('replays'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

const ofOne = (description: string, ...problems: number[]): MethodDecorator =>
  applyDecorators(
    ApiResponse({ status: 200, description, type: ReplayJobSchema }),
    ApiProblems(400, 404, ...problems, 421, 503),
  );

/** Describes what `POST /events/replay` answers with where a target is given. */
export function ApiStartsReplay(): MethodDecorator {
  return applyDecorators(
    ApiHeader({
      name: 'Idempotency-Key',
      required: false,
      description: 'With a target: a repetition answers with the job that was started first.',
    }),
    ApiResponse({
      status: 202,
      description: 'With a target: the job that was started.',
      type: ReplayJobSchema,
      headers: { Location: { description: 'Where to look how far it is.', schema: { type: 'string' } } },
    }),
  );
}

/** Describes `GET /events/replays`. */
export function ApiReplays(): MethodDecorator {
  return applyDecorators(
    operation('listReplays', 'Replays, newest first', 'Finished ones are forgotten after 30 days.'),
    ApiResponse({ status: 200, description: 'A page of them.', type: ReplaysResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `GET /events/replays/:id`. */
export function ApiReplayJob(): MethodDecorator {
  return applyDecorators(operation('getReplay', 'A replay and how far it is'), ofOne('The replay.'));
}

/** Describes `POST /events/replays/:id/pause`. */
export function ApiPauseReplay(): MethodDecorator {
  return applyDecorators(
    operation('pauseReplay', 'Stop a replay after the events in hand until it is resumed'),
    ofOne('Paused.', 409),
  );
}

/** Describes `POST /events/replays/:id/resume`. */
export function ApiResumeReplay(): MethodDecorator {
  return applyDecorators(operation('resumeReplay', 'Let a paused replay go on'), ofOne('It goes on.', 409));
}

/** Describes `POST /events/replays/:id/cancel`. */
export function ApiCancelReplay(): MethodDecorator {
  return applyDecorators(
    operation('cancelReplay', 'End a replay; what was handed over stays'),
    ofOne('Cancelled.', 409),
  );
}
