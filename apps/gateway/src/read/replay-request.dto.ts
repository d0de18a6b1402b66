import type { Order } from '@annals/contract';
import { ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { Flag, Raw } from '../http/raw-value.ts';
import { REPLAY_TARGET } from '../openapi/replay-job.schemas.ts';
import { PositionSchema } from '../openapi/schemas.ts';
import { CorrelationId, Rate } from '../replay/rules.ts';
import { Cursor, EventTypeOf, EventTypesOf, Moment, Name, OrderOf, PageLimit, Version } from './rules.ts';

/** The body of `POST /events/replay`. */
export class ReplayRequestDto {
  @Name('Another name of aggregateId.')
  streamId?: string;

  @Name('Events of aggregates with this id.')
  aggregateId?: string;

  @Name('Events of aggregates of this type.')
  aggregateType?: string;

  @EventTypesOf()
  eventTypes?: string[];

  @EventTypeOf()
  eventType?: string;

  @Moment("Events that happened at or after this (the event's own timestamp).")
  fromTimestamp?: string;

  @Moment("Events that happened at or before this (the event's own timestamp).")
  toTimestamp?: string;

  @Moment('Events that the store took at or after this.')
  recordedFrom?: string;

  @Moment('Events that the store took at or before this.')
  recordedTo?: string;

  @Version('Events from this version of their aggregate on.')
  fromVersion?: number;

  @Version('Events up to this version of their aggregate.')
  toVersion?: number;

  @Name('The tenant; default unless given.')
  tenantId?: string;

  @PageLimit()
  limit?: number;

  @Cursor()
  cursor?: string;

  @OrderOf()
  order?: Order;

  @CorrelationId()
  correlationId?: string;

  @ApiPropertyOptional({
    description: 'With a target: events behind these positions only, one per stream.',
    oneOf: [{ $ref: getSchemaPath(PositionSchema) }, { type: 'array', items: { $ref: getSchemaPath(PositionSchema) } }],
  })
  @Raw()
  after?: unknown;

  @ApiPropertyOptional({ type: Boolean, description: 'With a target: events of every tenant, instead of tenantId.' })
  @Flag()
  allTenants?: boolean;

  @ApiPropertyOptional({
    ...REPLAY_TARGET,
    description: 'Starts a job that hands the events over there; without it they are in the answer.',
  })
  @Raw()
  target?: unknown;

  @Rate('With a target: at most so many events a second; as fast as the target takes them unless given.')
  ratePerSecond?: number;

  @ApiPropertyOptional({
    type: Boolean,
    description: 'With a target: count what would be handed over and show a few, hand over nothing.',
  })
  @Flag()
  dryRun?: boolean;
}
