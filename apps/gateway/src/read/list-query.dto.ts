import type { Order } from '@annals/contract';
import { CommaList, IntegerText } from '../http/query-values.ts';
import { Cursor, EventTypeOf, EventTypesOf, Moment, Name, OrderOf, PageLimit, Version } from './rules.ts';

/** The query of `GET /events/history`, `/events/replay` and `/events/aggregate`. */
export class ListQueryDto {
  @Name('Events of aggregates with this id.')
  aggregateId?: string;

  @Name('Events of aggregates of this type.')
  aggregateType?: string;

  @EventTypesOf()
  @CommaList()
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
  @IntegerText()
  fromVersion?: number;

  @Version('Events up to this version of their aggregate.')
  @IntegerText()
  toVersion?: number;

  @Name('The tenant; default unless given.')
  tenantId?: string;

  @PageLimit()
  @IntegerText()
  limit?: number;

  @Cursor()
  cursor?: string;

  @OrderOf()
  order?: Order;
}
