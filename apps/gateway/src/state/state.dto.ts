import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IntegerText, Must } from '../http/query-values.ts';
import { Moment, Name, Optional, once } from '../read/rules.ts';
import { readPoint } from './diff-point.ts';

/** The aggregate of a query. */
class AggregateQueryDto {
  @Name('The aggregate id; needed.')
  aggregateId?: string;

  @Name('The aggregate type; needed where aggregates of several types have the id.')
  aggregateType?: string;

  @Name('The tenant; default unless given.')
  tenantId?: string;

  @ApiPropertyOptional({
    description: 'true: fold what is still stored where retention took the oldest events.',
    type: Boolean,
  })
  @Optional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @Must('flag', once((value) => (typeof value === 'boolean' ? undefined : 'must be true or false')))
  allowIncomplete?: boolean;
}

/** The query of `GET /events/aggregate/state`. */
export class StateQueryDto extends AggregateQueryDto {
  @ApiPropertyOptional({
    description: 'The state just after this version, 0 for the one before the first event. Not together with asOf.',
    type: Number,
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
  })
  @Optional()
  @Must('version', once((value) => (isVersion(value) ? undefined : 'must be a whole number from 0 to 2^53-1')))
  @IntegerText()
  atVersion?: number;

  @Moment("The state from what had happened by then (the events' own timestamps). Not together with atVersion.")
  asOf?: string;
}

/** The query of `GET /events/aggregate/diff`. */
export class DiffQueryDto extends AggregateQueryDto {
  @Point('Where the change begins: a version, 0 for the state before the first event, or a time.', true)
  from?: string;

  @Point('Where it ends; the newest state unless given.')
  to?: string;
}

function Point(description: string, required = false): PropertyDecorator {
  const options = { description, type: String, example: '3' };
  return applyDecorators(
    required ? ApiProperty(options) : ApiPropertyOptional(options),
    Optional(),
    Must(
      'point',
      once((value) =>
        readPoint(value) === undefined
          ? 'must be a version from 0, or an ISO 8601 date and time with Z or an offset (+ is written %2B in a URL)'
          : undefined,
      ),
    ),
  );
}

function isVersion(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
