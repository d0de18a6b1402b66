import { Must, CommaList } from '../http/query-values.ts';
import { EventTypeOf, EventTypesOf, Moment, Name } from '../read/rules.ts';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { ValidateIf } from 'class-validator';
import { applyDecorators } from '@nestjs/common';

/** `now` or `beginning`. */
function From(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'Where to begin; now unless given.', enum: ['now', 'beginning'] }),
    ValidateIf((_, value) => value !== undefined),
    Must('from', (value) => (value === 'now' || value === 'beginning' ? undefined : 'must be now or beginning')),
  );
}

/** A place that was reached; what is in it is checked by its reader. */
function After(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({
      description: 'The id of a live event: go on behind it. The header Last-Event-ID comes before this.',
      type: String,
      example: 'EVENTS:17',
    }),
    ValidateIf((_, value) => value !== undefined),
    Must('after', (value) => (typeof value === 'string' ? undefined : 'must be given once')),
  );
}

/** The query of `GET /events/live`. */
export class LiveQueryDto {
  @Name('Events of aggregates with this id.')
  aggregateId?: string;

  @Name('Events of aggregates of this type.')
  aggregateType?: string;

  @EventTypesOf()
  @CommaList()
  eventTypes?: string[];

  @EventTypeOf()
  eventType?: string;

  @Name('The tenant; default unless given.')
  tenantId?: string;

  @From()
  from?: 'now' | 'beginning';

  @After()
  after?: string;

  @Moment('Begin with the first event that the store took at or after this.')
  recordedFrom?: string;
}
