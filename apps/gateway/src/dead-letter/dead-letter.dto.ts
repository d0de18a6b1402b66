import { DEAD_LETTER_KINDS, MAX_SELECTED_IDS } from '@annals/core';
import type { DeadLetterKindBody } from '@annals/contract';
import { applyDecorators } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { CommaList, IntegerText, Must } from '../http/query-values.ts';
import { Flag, Raw } from '../http/raw-value.ts';
import { Cursor, EventTypeOf, EventTypesOf, Moment, Name, Optional, PageLimit, once } from '../read/rules.ts';
import { Rate } from '../replay/rules.ts';
import { SubscriptionName } from '../subscription/subscription.dto.ts';

const KINDS: readonly string[] = DEAD_LETTER_KINDS;
const KIND_RULE = `must be one of ${KINDS.join(', ')}`;

/** Why it became a dead letter. */
function KindOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'Why it became one.', enum: KINDS }),
    Optional(),
    Must(
      'kind',
      once((value) => (KINDS.includes(value as string) ? undefined : KIND_RULE)),
    ),
  );
}

/** Why it became a dead letter: any of these. */
function KindsOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'Any of these; in a query joined by commas.', enum: KINDS, isArray: true }),
    Optional(),
    Must('kinds', (value) =>
      Array.isArray(value) && value.length > 0 && value.length <= 100 && value.every((kind) => KINDS.includes(kind))
        ? undefined
        : `must be a list of ${KINDS.join(', ')}`,
    ),
  );
}

/** What queries and bodies about dead letters have in common. */
export class DeadLetterCriteriaDto {
  @SubscriptionName('Dead letters of this subscription.')
  subscription?: string;

  @Name('Of events of this tenant; of all tenants unless given.')
  tenantId?: string;

  @Name('Of events of aggregates of this type.')
  aggregateType?: string;

  @Name('Of events of aggregates with this id.')
  aggregateId?: string;

  @EventTypeOf()
  eventType?: string;

  @KindOf()
  kind?: DeadLetterKindBody;

  @Moment('That became one at or after this.')
  deadLetteredFrom?: string;

  @Moment('That became one at or before this.')
  deadLetteredTo?: string;
}

/** The query of `GET /events/dead-letters`. */
export class DeadLetterQueryDto extends DeadLetterCriteriaDto {
  @EventTypesOf()
  @CommaList()
  eventTypes?: string[];

  @KindsOf()
  @CommaList()
  kinds?: DeadLetterKindBody[];

  @PageLimit('Dead letters on a page; 100 unless given, as NDJSON all.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The body of `POST /events/dead-letters/purge`. */
export class DeadLetterSelectionDto extends DeadLetterCriteriaDto {
  @EventTypesOf()
  eventTypes?: string[];

  @KindsOf()
  kinds?: DeadLetterKindBody[];

  @ApiPropertyOptional({ type: [String], minItems: 1, maxItems: MAX_SELECTED_IDS, example: ['billing/EVENTS/17'] })
  @Raw()
  ids?: string[];

  @ApiPropertyOptional({
    type: Boolean,
    description: 'Needed where neither ids nor criteria (but for the tenant) are given.',
  })
  @Flag()
  all?: boolean;
}

/** The body of `POST /events/dead-letters/redrive`. */
export class RedriveDto extends DeadLetterSelectionDto {
  @Rate('At most so many are handled a second; as fast as the subscription takes them unless given.')
  ratePerSecond?: number;
}
