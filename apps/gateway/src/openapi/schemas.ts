import { PROBLEM_CODES } from '@annals/contract';
import { ApiProperty, ApiPropertyOptional, type ApiPropertyOptions } from '@nestjs/swagger';

/** Any JSON value. */
const ANYTHING = { type: 'object', additionalProperties: true } as const;
const EXPECTED_VERSION = {
  oneOf: [
    { type: 'integer', minimum: 0 },
    { type: 'string', enum: ['any', 'none', 'exists'] },
  ],
} satisfies ApiPropertyOptions;

export class PositionSchema {
  @ApiProperty({ example: 'EVENTS' }) stream!: string;
  @ApiProperty({ minimum: 1 }) sequence!: number;
}

export class SourceSchema {
  @ApiPropertyOptional() type?: string;
  @ApiPropertyOptional() id?: string;
  @ApiPropertyOptional() name?: string;
}

class PartSchema {
  @ApiProperty({ minimum: 1 }) index!: number;
  @ApiProperty({ minimum: 1 }) of!: number;
}

export class EventSchema {
  @ApiProperty({ description: 'The message id.' }) id!: string;
  @ApiProperty({ example: 'user.created' }) type!: string;
  @ApiProperty({ format: 'date-time', description: 'When it happened.' }) timestamp!: string;
  @ApiProperty({ format: 'date-time', description: 'When the store took it.' }) recordedAt!: string;
  @ApiProperty() tenantId!: string;
  @ApiPropertyOptional({ example: 'user-123' }) aggregateId?: string;
  @ApiPropertyOptional({ example: 'user' }) aggregateType?: string;
  @ApiPropertyOptional({ minimum: 1 }) version?: number;
  @ApiProperty({ minimum: 1 }) schemaVersion!: number;
  @ApiPropertyOptional() correlationId?: string;
  @ApiPropertyOptional() causationId?: string;
  @ApiPropertyOptional() userId?: string;
  @ApiPropertyOptional({ type: SourceSchema }) source?: SourceSchema;
  @ApiPropertyOptional({ type: [String] }) tags?: string[];
  @ApiProperty({ description: 'Any JSON value.' }) data!: unknown;
  @ApiPropertyOptional(ANYTHING) metadata?: Record<string, unknown>;
  @ApiProperty({ type: PositionSchema }) position!: PositionSchema;
  @ApiPropertyOptional({ description: "Link of the aggregate's hash chain." }) hash?: string;
  @ApiPropertyOptional({ type: PartSchema, description: 'Of those that a migration made of one.' }) part?: PartSchema;
}

export class NewEventSchema {
  @ApiProperty({ example: 'user.created', maxLength: 200 }) type!: string;
  @ApiProperty({ description: 'Any JSON value.', example: { name: 'Ada' } }) data!: unknown;
  @ApiPropertyOptional({ example: 'user-123' }) aggregateId?: string;
  @ApiPropertyOptional({ example: 'user' }) aggregateType?: string;
  @ApiPropertyOptional({ ...EXPECTED_VERSION, description: "Of an aggregate's events the first one's counts." })
  expectedVersion?: number | string;
  @ApiPropertyOptional({ minimum: 1, description: 'n means that n - 1 is expected.' }) version?: number;
  @ApiPropertyOptional({ maxLength: 128, description: 'A ULID is made unless given.' }) messageId?: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Now unless given.' }) timestamp?: string;
  @ApiPropertyOptional({ description: 'default unless given.' }) tenantId?: string;
  @ApiPropertyOptional({
    oneOf: [
      { type: 'integer', minimum: 1 },
      { type: 'string', pattern: '^v[1-9][0-9]*$' },
    ],
  })
  schemaVersion?: number | string;
  @ApiPropertyOptional({ maxLength: 256 }) correlationId?: string;
  @ApiPropertyOptional({ maxLength: 256 }) causationId?: string;
  @ApiPropertyOptional({ maxLength: 256 }) userId?: string;
  @ApiPropertyOptional({ type: SourceSchema }) source?: SourceSchema;
  @ApiPropertyOptional({ type: [String], maxItems: 100 }) tags?: string[];
  @ApiPropertyOptional(ANYTHING) metadata?: Record<string, unknown>;
}

export class NewEventsSchema {
  @ApiProperty({ type: [NewEventSchema], minItems: 1, maxItems: 1000 }) events!: NewEventSchema[];
}

export class AppendedEventSchema {
  @ApiProperty() id!: string;
  @ApiProperty() type!: string;
  @ApiPropertyOptional() aggregateType?: string;
  @ApiPropertyOptional() aggregateId?: string;
  @ApiPropertyOptional() version?: number;
  @ApiProperty({ type: PositionSchema }) position!: PositionSchema;
  @ApiPropertyOptional({ format: 'date-time' }) recordedAt?: string;
}

export class AppendResponseSchema {
  @ApiProperty({ type: [AppendedEventSchema] }) events!: AppendedEventSchema[];
}

class PageSchema {
  @ApiProperty({ type: [EventSchema] }) events!: EventSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

export class ReplayResponseSchema extends PageSchema {
  @ApiProperty({ description: 'All that match, on all pages.' }) totalEvents!: number;
}

export class HistoryResponseSchema extends ReplayResponseSchema {
  @ApiPropertyOptional() aggregateId?: string;
  @ApiPropertyOptional() aggregateType?: string;
  @ApiPropertyOptional({ description: 'Where retention took older ones.' }) retainedFromVersion?: number;
}

export class AggregateResponseSchema extends PageSchema {
  @ApiProperty() aggregateId!: string;
  @ApiProperty() aggregateType!: string;
  @ApiProperty({ description: "The head's version." }) version!: number;
  @ApiPropertyOptional({ description: 'Where retention took older ones.' }) retainedFromVersion?: number;
}

export class ReconstructResponseSchema extends PageSchema {
  @ApiProperty() aggregateId!: string;
  @ApiProperty() aggregateType!: string;
  @ApiProperty({ description: 'The version that the state is of.' }) version!: number;
  @ApiProperty({ description: 'Any JSON value.' }) state!: unknown;
  @ApiPropertyOptional({ description: 'Where retention took older ones.' }) retainedFromVersion?: number;
}

class TimeRangeSchema {
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true }) earliest!: string | null;
  @ApiProperty({ type: 'string', format: 'date-time', nullable: true }) latest!: string | null;
}

class StreamSizeSchema {
  @ApiProperty() name!: string;
  @ApiProperty() messages!: number;
  @ApiProperty() bytes!: number;
}

class StorageSchema {
  @ApiProperty() bytes!: number;
  @ApiProperty({ type: [StreamSizeSchema] }) streams!: StreamSizeSchema[];
}

const COUNTS = { type: 'object', additionalProperties: { type: 'integer' } } as const;

export class StatsResponseSchema {
  @ApiProperty() totalEvents!: number;
  @ApiProperty() uniqueAggregates!: number;
  @ApiProperty() eventTypes!: number;
  @ApiProperty(COUNTS) eventTypeBreakdown!: Record<string, number>;
  @ApiProperty(COUNTS) aggregateTypeBreakdown!: Record<string, number>;
  @ApiProperty({ type: TimeRangeSchema }) timeRange!: TimeRangeSchema;
  @ApiPropertyOptional({ type: StorageSchema }) storage?: StorageSchema;
}

class ProblemDetailSchema {
  @ApiProperty() path!: string;
  @ApiProperty() message!: string;
}

export class ProblemSchema {
  @ApiProperty({ example: 'urn:annals:problem:validation-failed' }) type!: string;
  @ApiProperty() title!: string;
  @ApiProperty() status!: number;
  @ApiProperty({ enum: PROBLEM_CODES }) code!: string;
  @ApiProperty() detail!: string;
  @ApiProperty() instance!: string;
  @ApiPropertyOptional({ type: [ProblemDetailSchema] }) errors?: ProblemDetailSchema[];
  @ApiPropertyOptional(EXPECTED_VERSION) expectedVersion?: number | string;
  @ApiPropertyOptional() actualVersion?: number;
}

export class LiveResponseSchema {
  @ApiProperty({ enum: ['ok'] }) status!: string;
}

export class ReadyResponseSchema {
  @ApiProperty({ enum: ['ready', 'not-ready'] }) status!: string;
  @ApiPropertyOptional() reason?: string;
  @ApiPropertyOptional() serverVersion?: string;
  @ApiPropertyOptional() durability?: string;
  @ApiPropertyOptional({ type: [Object] }) streams?: object[];
  @ApiPropertyOptional({ type: [String], description: 'Says nothing of readiness.' }) stalledSubscriptions?: string[];
  @ApiPropertyOptional({ type: [String], description: 'Says nothing of readiness.' }) failedProjections?: string[];
}
