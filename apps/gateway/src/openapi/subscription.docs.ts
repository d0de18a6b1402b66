import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiExtraModels, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { CreateSubscriptionDto, RewindDto } from '../subscription/subscription.dto.ts';
import { ApiProblems } from './problems.docs.ts';
import {
  RewindResponseSchema,
  SubscriptionFilterSchema,
  SubscriptionSchema,
  SubscriptionsResponseSchema,
} from './subscription.schemas.ts';

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('subscriptions'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

const ofOne = (description: string, ...problems: number[]): MethodDecorator =>
  applyDecorators(
    ApiResponse({ status: 200, description, type: SubscriptionSchema }),
    ApiProblems(400, 404, ...problems, 421, 503),
  );

/** Describes `GET /events/subscriptions`. */
export function ApiSubscriptions(): MethodDecorator {
  return applyDecorators(
    operation('listSubscriptions', 'All subscriptions, by name'),
    ApiResponse({ status: 200, description: 'A page of them.', type: SubscriptionsResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `POST /events/subscriptions`. */
export function ApiCreateSubscription(): MethodDecorator {
  return applyDecorators(
    operation(
      'createSubscription',
      'Make a subscription that keeps its place until a service handles it',
      'The same again changes nothing and answers 200.',
    ),
    ApiExtraModels(SubscriptionFilterSchema),
    ApiBody({ type: CreateSubscriptionDto }),
    ApiResponse({ status: 201, description: 'Made.', type: SubscriptionSchema }),
    ApiResponse({ status: 200, description: 'It was there.', type: SubscriptionSchema }),
    ApiProblems(400, 409, 413, 415, 421, 503),
  );
}

/** Describes `GET /events/subscriptions/:name`. */
export function ApiSubscription(): MethodDecorator {
  return applyDecorators(operation('getSubscription', 'A subscription and how far it is'), ofOne('The subscription.'));
}

/** Describes `POST /events/subscriptions/:name/pause`. */
export function ApiPauseSubscription(): MethodDecorator {
  return applyDecorators(
    operation('pauseSubscription', 'Deliver nothing until it is resumed', 'What is in hand is finished.'),
    ofOne('Paused.'),
  );
}

/** Describes `POST /events/subscriptions/:name/resume`. */
export function ApiResumeSubscription(): MethodDecorator {
  return applyDecorators(operation('resumeSubscription', 'Deliver again'), ofOne('It goes on.'));
}

/** Describes `POST /events/subscriptions/:name/rewind`. */
export function ApiRewindSubscription(): MethodDecorator {
  return applyDecorators(
    operation(
      'rewindSubscription',
      'Set a subscription to another place, back or forward',
      'With `preview: true` nothing is changed. Dead letters and parked aggregates stay.',
    ),
    ApiBody({ type: RewindDto }),
    ApiResponse({ status: 200, description: 'What it means.', type: RewindResponseSchema }),
    ApiProblems(400, 404, 415, 421, 503),
  );
}

/** Describes `DELETE /events/subscriptions/:name`. */
export function ApiDeleteSubscription(): MethodDecorator {
  return applyDecorators(
    operation(
      'deleteSubscription',
      'Remove a subscription with its place',
      'Handlers of it end with an error. Its dead letters stay until they are purged.',
    ),
    ApiResponse({ status: 204, description: 'It is gone.' }),
    ApiProblems(400, 404, 421, 503),
  );
}
