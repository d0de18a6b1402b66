import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';

class StoredSnapshotSchema {
  @ApiProperty() tenantId!: string;
  @ApiProperty() aggregateType!: string;
  @ApiProperty() aggregateId!: string;
  @ApiProperty({ description: 'Of the last event in the state.' }) version!: number;
  @ApiProperty({ description: 'Schema version of the state.' }) stateVersion!: number;
  @ApiProperty({ format: 'date-time' }) takenAt!: string;
}

class SnapshotSummarySchema extends StoredSnapshotSchema {
  @ApiProperty({ description: 'Of the state as JSON.' }) bytes!: number;
}

class SnapshotSchema extends StoredSnapshotSchema {
  @ApiProperty({ description: 'Any JSON value.' }) state!: unknown;
}

class SnapshotsResponseSchema {
  @ApiProperty({ type: [SnapshotSummarySchema] }) snapshots!: SnapshotSummarySchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('snapshots'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

/** Describes `GET /events/snapshots`. */
export function ApiSnapshots(): MethodDecorator {
  return applyDecorators(
    operation('listSnapshots', 'Snapshots of aggregates, those kept longest ago first'),
    ApiResponse({ status: 200, description: 'A page of them.', type: SnapshotsResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `GET /events/snapshots/:type/:id`. */
export function ApiSnapshot(): MethodDecorator {
  return applyDecorators(
    operation('getSnapshot', 'The snapshot of an aggregate'),
    ApiResponse({ status: 200, description: 'The snapshot.', type: SnapshotSchema }),
    ApiProblems(400, 404, 421, 503),
  );
}

/** Describes `POST /events/snapshots/:type/:id`. */
export function ApiTakeSnapshot(): MethodDecorator {
  return applyDecorators(
    operation('takeSnapshot', 'Take a snapshot now', 'By the aggregate of that type in STATE_MODULE.'),
    ApiResponse({ status: 201, description: 'Taken.', type: SnapshotSchema }),
    ApiResponse({ status: 200, description: 'One that is as new was there.', type: SnapshotSchema }),
    ApiProblems(400, 404, 409, 421, 422, 500, 503),
  );
}

/** Describes `DELETE /events/snapshots/:type/:id`. */
export function ApiDeleteSnapshot(): MethodDecorator {
  return applyDecorators(
    operation(
      'deleteSnapshot',
      'Remove the snapshot of an aggregate',
      'Its state is folded from events until the next.',
    ),
    ApiResponse({ status: 204, description: 'It is gone.' }),
    ApiProblems(400, 404, 421, 503),
  );
}
