import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiResponse, getSchemaPath } from '@nestjs/swagger';
import { ProblemSchema } from './schemas.ts';

const DESCRIPTIONS: Readonly<Record<number, string>> = {
  400: 'The request is not valid: validation-failed, malformed-json, ambiguous-aggregate.',
  403: 'Pages of this origin may not read the store: origin-not-allowed.',
  404:
    'There is none: aggregate-not-found, subscription-not-found, dead-letter-not-found, replay-not-found, ' +
    'snapshot-not-found, projection-not-found.',
  409:
    'What is there is not as the request needs it: concurrency-conflict, history-incomplete, subscription-conflict, ' +
    'replay-finished.',
  412: 'If-Match or If-None-Match does not hold: precondition-failed.',
  413: 'Too large: body-too-large, payload-too-large, batch-too-large.',
  415: 'Only application/json is taken: unsupported-media-type.',
  421: 'The Host header is not allowed: host-not-allowed.',
  422:
    'The request cannot be carried out as it is: idempotency-key-reused, cross-stream-append, replay-target-refused, ' +
    'result-too-large, no-reducer.',
  426: 'The route speaks WebSocket only: upgrade-required.',
  500: 'A reducer or a migration is wrong: reducer-failed, upcast-failed. The problem names the event.',
  503: 'Try again after Retry-After: store-unavailable, overloaded, append-outcome-unknown, request-timeout.',
};

/** Says which problems a route answers with. */
export function ApiProblems(...statuses: readonly number[]): MethodDecorator {
  const schema = { $ref: getSchemaPath(ProblemSchema) };
  const responses = statuses.map((status) =>
    ApiResponse({
      status,
      description: DESCRIPTIONS[status]!,
      content: { 'application/problem+json': { schema } },
      ...(status === 503 && { headers: { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer' } } } }),
    }),
  );
  return applyDecorators(ApiExtraModels(ProblemSchema), ...responses);
}
