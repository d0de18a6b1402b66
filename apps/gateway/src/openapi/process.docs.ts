import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { PositionSchema } from './schemas.ts';

class ProcessErrorSchema {
  @ApiProperty({ example: 'RangeError' }) name!: string;
  @ApiProperty() message!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
}

class ProcessSchema {
  @ApiProperty({ example: 'vendor-onboarding' }) name!: string;
  @ApiProperty() version!: number;
  @ApiProperty({ enum: ['running', 'failing', 'standby'] }) state!: string;
  @ApiProperty({ type: [String] }) eventTypes!: string[];
  @ApiProperty({ type: [PositionSchema] }) checkpoint!: PositionSchema[];
  @ApiProperty({ description: 'Events that are stored and not decided upon.' }) lagEvents!: number;
  @ApiProperty({ description: 'Instances that are not over.' }) activeInstances!: number;
  @ApiPropertyOptional({ format: 'date-time', description: 'The next timer of all instances.' }) nextTimerAt?: string;
  @ApiPropertyOptional({ type: ProcessErrorSchema }) error?: ProcessErrorSchema;
}

class ProcessesResponseSchema {
  @ApiProperty({ type: [ProcessSchema] }) processes!: ProcessSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

class ProcessedEventSchema {
  @ApiProperty() messageId!: string;
  @ApiProperty({ example: 'vendor.created' }) type!: string;
  @ApiProperty({ type: PositionSchema }) position!: PositionSchema;
}

class ProcessTimerSchema {
  @ApiProperty({ example: 'deadline' }) name!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
}

class ProcessInstanceSummarySchema {
  @ApiProperty({ example: 'vendor-onboarding' }) process!: string;
  @ApiProperty() tenantId!: string;
  @ApiProperty({ example: 'vendor-1' }) key!: string;
  @ApiProperty({ enum: ['started', 'ended', 'timed-out', 'failed'] }) state!: string;
  @ApiProperty({ format: 'date-time' }) since!: string;
  @ApiProperty({ format: 'date-time' }) changedAt!: string;
  @ApiPropertyOptional({ format: 'date-time', description: 'Absent: a failed one stands still.' }) endedAt?: string;
  @ApiPropertyOptional() reason?: string;
  @ApiPropertyOptional({ type: ProcessedEventSchema }) lastEvent?: ProcessedEventSchema;
  @ApiPropertyOptional({ type: ProcessTimerSchema }) nextTimer?: ProcessTimerSchema;
  @ApiProperty({ description: 'Appends and commands that are decided and not done.' }) pendingEffects!: number;
  @ApiPropertyOptional({ type: ProcessErrorSchema }) error?: ProcessErrorSchema;
}

class ProcessInstancesResponseSchema {
  @ApiProperty({ type: [ProcessInstanceSummarySchema] }) instances!: ProcessInstanceSummarySchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

class ProcessStepSchema {
  @ApiProperty() step!: number;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ example: 'event vendor.created' }) input!: string;
  @ApiPropertyOptional({ type: ProcessedEventSchema }) event?: ProcessedEventSchema;
  @ApiPropertyOptional({ type: [String], description: 'Types of the events.' }) emitted?: string[];
  @ApiPropertyOptional({ type: [String] }) commands?: string[];
  @ApiPropertyOptional({ type: [String], description: 'Names of timers.' }) scheduled?: string[];
  @ApiPropertyOptional({ type: [String], description: 'Names of timers.' }) cancelled?: string[];
  @ApiPropertyOptional() compensated?: boolean;
  @ApiPropertyOptional({ description: 'The reason.' }) ended?: string;
}

class ProcessInstanceSchema extends ProcessInstanceSummarySchema {
  @ApiProperty({ type: 'object', additionalProperties: true, description: "The process's own state: any JSON value." })
  data!: unknown;
  @ApiProperty({ description: 'Version of the process that the state is of.' }) version!: number;
  @ApiProperty({ type: [ProcessTimerSchema] }) timers!: ProcessTimerSchema[];
  @ApiProperty({ description: 'Decisions since the start; the latest 100 are in history.' }) steps!: number;
  @ApiProperty({ type: [ProcessStepSchema] }) history!: ProcessStepSchema[];
}

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('processes'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

const TENANT = { name: 'tenantId', required: false, type: String, description: 'The tenant; default unless given.' };

/** Describes `GET /events/processes`. */
export function ApiProcesses(): MethodDecorator {
  return applyDecorators(
    operation('listProcesses', 'All process managers, by name'),
    ApiResponse({ status: 200, description: 'A page of them.', type: ProcessesResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `GET /events/processes/:name`. */
export function ApiProcess(): MethodDecorator {
  return applyDecorators(
    operation('getProcess', 'A process manager and how far it is'),
    ApiResponse({ status: 200, description: 'The process.', type: ProcessSchema }),
    ApiProblems(400, 404, 421, 503),
  );
}

/** Describes `GET /events/processes/:name/instances`. */
export function ApiProcessInstances(): MethodDecorator {
  return applyDecorators(
    operation('listProcessInstances', 'Instances of a process, by tenant and key'),
    ApiResponse({ status: 200, description: 'A page of them.', type: ProcessInstancesResponseSchema }),
    ApiProblems(400, 404, 421, 503),
  );
}

/** Describes `GET /events/processes/:name/instances/:key`. */
export function ApiProcessInstance(): MethodDecorator {
  return applyDecorators(
    operation('getProcessInstance', 'An instance, its state and what it did'),
    ApiQuery(TENANT),
    ApiResponse({ status: 200, description: 'The instance.', type: ProcessInstanceSchema }),
    ApiProblems(400, 404, 421, 503),
  );
}

/** Describes `POST /events/processes/:name/instances/:key/end`. */
export function ApiEndProcessInstance(): MethodDecorator {
  return applyDecorators(
    operation(
      'endProcessInstance',
      'End an instance',
      'Its timers are cancelled, and what it wanted done and was not begun is dropped. Nothing is compensated.',
    ),
    ApiQuery(TENANT),
    ApiResponse({ status: 200, description: 'The instance as it ended.', type: ProcessInstanceSchema }),
    ApiProblems(400, 404, 409, 413, 415, 421, 503),
  );
}
