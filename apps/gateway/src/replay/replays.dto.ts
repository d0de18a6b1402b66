import type { ReplayState } from '@annals/core';
import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CommaList, IntegerText, Must } from '../http/query-values.ts';
import { Cursor, Optional, PageLimit, once } from '../read/rules.ts';

/** All that a job can be in; the compiler sees to it that none is missing. */
const STATES = Object.keys({
  pending: true,
  running: true,
  paused: true,
  completed: true,
  cancelled: true,
  failed: true,
} satisfies Record<ReplayState, true>);
const JOB_ID = /^[A-Za-z0-9_-]{1,64}$/;

function StatesOf(): PropertyDecorator {
  return applyDecorators(
    ApiPropertyOptional({ description: 'In any of these states, joined by commas.', enum: STATES, isArray: true }),
    Optional(),
    Must('state', (value) =>
      Array.isArray(value) && value.length <= 100 && value.every((state) => STATES.includes(state as string))
        ? undefined
        : `must be of ${STATES.join(', ')}, joined by commas`,
    ),
  );
}

/** The query of `GET /events/replays`. */
export class ReplaysQueryDto {
  @StatesOf()
  @CommaList()
  state?: ReplayState[];

  @PageLimit('Jobs on a page; 100 unless given.')
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The path of what is done with one replay. */
export class ReplayPathDto {
  @ApiProperty({ type: String, maxLength: 64 })
  @Must(
    'replay',
    once((value) => (typeof value === 'string' && JOB_ID.test(value) ? undefined : 'must be the id of a replay')),
  )
  id!: string;
}
