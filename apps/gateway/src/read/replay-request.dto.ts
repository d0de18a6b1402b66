import type { Order } from '@annals/contract';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Allow } from 'class-validator';
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

  @ApiPropertyOptional({ description: 'Where to deliver the events to: not available in this version (501).' })
  @Allow()
  target?: unknown;
}
