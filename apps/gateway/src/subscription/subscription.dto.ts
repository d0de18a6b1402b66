import { MAX_SUBSCRIPTION_NAME, SUBSCRIPTION_DEFAULTS, subscriptionNameProblem } from '@annals/core';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IntegerText, Must } from '../http/query-values.ts';
import { Flag, Raw } from '../http/raw-value.ts';
import { START, SubscriptionFilterSchema } from '../openapi/subscription.schemas.ts';
import { Cursor, Optional, PageLimit, once } from '../read/rules.ts';

/** The name of a subscription. */
export function SubscriptionName(description: string): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description,
      type: String,
      minLength: 1,
      maxLength: MAX_SUBSCRIPTION_NAME,
      pattern: '^[A-Za-z0-9_.:-]+$',
    }),
    Optional(),
    Must('subscription', once(subscriptionNameProblem)),
  );
}

/** The path of what is done with one subscription. */
export class SubscriptionPathDto {
  @SubscriptionName('The name of the subscription.')
  name!: string;
}

/** The query of `GET /events/subscriptions`. */
export class SubscriptionsQueryDto {
  @PageLimit('Subscriptions on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The body of `POST /events/subscriptions`; what its fields hold is checked by the store's own rules. */
export class CreateSubscriptionDto {
  @ApiProperty({ type: String, maxLength: MAX_SUBSCRIPTION_NAME, pattern: '^[A-Za-z0-9_.:-]+$', example: 'billing' })
  @Raw()
  name?: unknown;

  @ApiPropertyOptional({
    description: 'Which events it gets; all unless given.',
    allOf: [{ $ref: getSchemaPath(SubscriptionFilterSchema) }],
  })
  @Raw()
  filter?: unknown;

  @ApiPropertyOptional({ ...START, description: 'Where it begins; beginning unless given.' })
  @Raw()
  from?: unknown;

  @ApiPropertyOptional({ enum: ['shared', 'ordered'], default: SUBSCRIPTION_DEFAULTS.mode })
  @Raw()
  mode?: unknown;

  @ApiPropertyOptional({ type: Number, minimum: 1, maximum: 1_000, default: SUBSCRIPTION_DEFAULTS.maxDeliver })
  @Raw()
  maxDeliver?: unknown;

  @ApiPropertyOptional({
    type: [Number],
    maxItems: 20,
    default: [...SUBSCRIPTION_DEFAULTS.backoffMs],
    description: 'Milliseconds before the second attempt, the third …; the last one counts for all further.',
  })
  @Raw()
  backoffMs?: unknown;

  @ApiPropertyOptional({
    enum: ['park', 'continue'],
    default: SUBSCRIPTION_DEFAULTS.onDeadLetter,
    description: 'For ordered only: whether an aggregate waits for its dead letter.',
  })
  @Raw()
  onDeadLetter?: unknown;
}

/** The body of `POST /events/subscriptions/:name/rewind`. */
export class RewindDto {
  @ApiProperty({ ...START, description: 'Where it is set to.' })
  @Raw()
  to?: unknown;

  @ApiPropertyOptional({ type: Boolean, default: false, description: 'Only tell what it would do.' })
  @Flag()
  preview?: boolean;
}
