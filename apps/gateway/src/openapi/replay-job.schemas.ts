import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EventSchema, PositionSchema } from './schemas.ts';

const STATES = ['pending', 'running', 'paused', 'completed', 'cancelled', 'failed'];
const text = (description: string, example: string) => ({ type: 'string' as const, description, example });

/** Where a replay hands its events over: one of these. */
export const REPLAY_TARGET = {
  oneOf: [
    { subscription: text('The name of one.', 'billing') },
    { subscriptions: { type: 'string' as const, enum: ['all'] } },
    { subject: text("A subject of NATS, outside of the store's own.", 'replayed.users') },
    { webhook: text('Each event is posted there.', 'https://example.org/events') },
    { url: text('The same as webhook.', 'https://example.org/events') },
    { file: text("A file of lines in the gateway's directory for replays.", 'users.ndjson') },
  ].map((properties) => ({
    type: 'object' as const,
    properties,
    required: Object.keys(properties),
    additionalProperties: false,
  })),
};

class ReplayFilterSchema {
  @ApiPropertyOptional({ description: 'Absent: all tenants.' }) tenantId?: string;
  @ApiPropertyOptional() aggregateType?: string;
  @ApiPropertyOptional() aggregateId?: string;
  @ApiPropertyOptional({ type: [String] }) eventTypes?: string[];
  @ApiPropertyOptional({ format: 'date-time' }) fromTimestamp?: string;
  @ApiPropertyOptional({ format: 'date-time' }) toTimestamp?: string;
  @ApiPropertyOptional({ format: 'date-time' }) recordedFrom?: string;
  @ApiPropertyOptional({ format: 'date-time' }) recordedTo?: string;
  @ApiPropertyOptional() fromVersion?: number;
  @ApiPropertyOptional() toVersion?: number;
  @ApiPropertyOptional() correlationId?: string;
  @ApiPropertyOptional({ type: [PositionSchema] }) after?: PositionSchema[];
}

class ReplayFailureSchema {
  @ApiProperty({ type: PositionSchema }) position!: PositionSchema;
  @ApiPropertyOptional() messageId?: string;
  @ApiPropertyOptional() subscription?: string;
  @ApiProperty() reason!: string;
}

class ReplayResultSchema {
  @ApiProperty() subscription!: string;
  @ApiProperty() delivered!: number;
  @ApiProperty() failed!: number;
}

class ReplayFileSchema {
  @ApiProperty() path!: string;
  @ApiProperty() bytes!: number;
}

export class ReplayJobSchema {
  @ApiProperty({ description: 'metadata.replayId of the events that it hands over.' }) id!: string;
  @ApiProperty({ enum: STATES }) state!: string;
  @ApiProperty({ description: 'True until it is completed, cancelled or failed.' }) inProgress!: boolean;
  @ApiProperty({ description: 'The event types, joined by commas; > for all.' }) pattern!: string;
  @ApiProperty({ description: 'The same as total.' }) eventCount!: number;
  @ApiProperty({ description: 'The same as delivered.' }) successCount!: number;
  @ApiProperty({ description: 'The same as failed.' }) failureCount!: number;
  @ApiProperty({ type: ReplayFilterSchema }) filter!: ReplayFilterSchema;
  @ApiProperty(REPLAY_TARGET) target!: object;
  @ApiPropertyOptional() ratePerSecond?: number;
  @ApiProperty() dryRun!: boolean;
  @ApiProperty({ format: 'date-time' }) createdAt!: string;
  @ApiPropertyOptional({ format: 'date-time' }) startedAt?: string;
  @ApiPropertyOptional({ format: 'date-time' }) finishedAt?: string;
  @ApiProperty({ format: 'date-time', description: 'When the progress was saved last.' }) updatedAt!: string;
  @ApiProperty({ description: 'Events stored when it was started.' }) total!: number;
  @ApiProperty({ description: 'Taken by the target, or waiting durably for a subscription.' }) delivered!: number;
  @ApiProperty({ description: 'Refused by the target for good.' }) failed!: number;
  @ApiProperty({ description: 'Events a second over the last moments.' }) rate!: number;
  @ApiPropertyOptional({ description: 'Milliseconds that the rest takes at this rate.' }) etaMs?: number;
  @ApiProperty({ type: [PositionSchema] }) checkpoint!: PositionSchema[];
  @ApiPropertyOptional() lastError?: string;
  @ApiProperty({ type: [ReplayFailureSchema], description: 'The first, at most 100.' })
  failures!: ReplayFailureSchema[];
  @ApiPropertyOptional({ type: [ReplayResultSchema], description: 'Where the target is all subscriptions.' })
  results?: ReplayResultSchema[];
  @ApiPropertyOptional({ type: [EventSchema], description: 'Of a dry run: the first events, at most 10.' })
  sample?: EventSchema[];
  @ApiPropertyOptional({ type: ReplayFileSchema }) file?: ReplayFileSchema;
}

export class ReplaysResponseSchema {
  @ApiProperty({ type: [ReplayJobSchema] }) replays!: ReplayJobSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}
