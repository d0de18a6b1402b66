import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { PositionSchema } from './schemas.ts';

const POSITION = {
  type: 'object' as const,
  required: ['stream', 'sequence'],
  properties: {
    stream: { type: 'string' as const, example: 'EVENTS' },
    sequence: { type: 'integer' as const, minimum: 0 },
  },
};

/** Where reading begins. */
export const START = {
  oneOf: [
    { type: 'string', enum: ['beginning', 'now'] },
    {
      type: 'object',
      required: ['after'],
      additionalProperties: false,
      properties: { after: { oneOf: [POSITION, { type: 'array', items: POSITION, maxItems: 100 }] } },
    },
    {
      type: 'object',
      required: ['recordedFrom'],
      additionalProperties: false,
      properties: { recordedFrom: { type: 'string', format: 'date-time' } },
    },
  ],
} satisfies { oneOf: object[] };

export class SubscriptionFilterSchema {
  @ApiPropertyOptional({ description: 'All tenants unless given.' }) tenantId?: string;
  @ApiPropertyOptional() aggregateType?: string;
  @ApiPropertyOptional({ type: [String], maxItems: 100, example: ['user.*'], description: 'Types or patterns.' })
  eventTypes?: string[];
}

class SubscriptionStreamSchema {
  @ApiProperty({ example: 'EVENTS' }) stream!: string;
  @ApiProperty({ description: 'All that it wants up to this sequence is handled or a dead letter.' })
  checkpoint!: number;
  @ApiProperty() delivered!: number;
  @ApiProperty() lastSequence!: number;
  @ApiProperty() pending!: number;
  @ApiProperty() ackPending!: number;
  @ApiProperty() redelivered!: number;
}

export class SubscriptionSchema {
  @ApiProperty({ example: 'billing' }) name!: string;
  @ApiProperty({ type: SubscriptionFilterSchema }) filter!: SubscriptionFilterSchema;
  @ApiProperty({ enum: ['shared', 'ordered'] }) mode!: string;
  @ApiProperty() maxDeliver!: number;
  @ApiProperty({ type: [Number] }) backoffMs!: number[];
  @ApiProperty({ enum: ['park', 'continue'] }) onDeadLetter!: string;
  @ApiProperty({ enum: ['live', 'catching-up', 'paused', 'stalled'] }) state!: string;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiProperty({ description: 'Events that are not delivered yet.' }) pending!: number;
  @ApiProperty({ description: 'Events that are delivered and not settled.' }) ackPending!: number;
  @ApiProperty({ description: 'Of these, delivered more than once.' }) redelivered!: number;
  @ApiProperty({ description: 'Replays and redriven dead letters that wait for it.' }) redeliveries!: number;
  @ApiProperty() deadLetters!: number;
  @ApiProperty({ description: 'Aggregates that wait for a redrive.' }) parkedAggregates!: number;
  @ApiProperty({ description: 'Requests for events that wait at the server; 0 where no process handles it.' })
  waiting!: number;
  @ApiPropertyOptional({ format: 'date-time' }) lastDeliveredAt?: string;
  @ApiPropertyOptional({ format: 'date-time' }) lastSettledAt?: string;
  @ApiProperty({ type: [SubscriptionStreamSchema] }) streams!: SubscriptionStreamSchema[];
}

export class SubscriptionsResponseSchema {
  @ApiProperty({ type: [SubscriptionSchema] }) subscriptions!: SubscriptionSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

export class RewindResponseSchema {
  @ApiProperty() subscription!: string;
  @ApiProperty({ description: 'True when nothing was changed.' }) preview!: boolean;
  @ApiProperty({ description: 'Events that it gets from there on.' }) events!: number;
  @ApiProperty({ description: 'Of these, events that it had already.' }) again!: number;
  @ApiProperty({ description: 'Events that it had not yet and misses.' }) skipped!: number;
  @ApiProperty({ type: [PositionSchema], description: 'By stream: the first sequence.' }) from!: PositionSchema[];
}
