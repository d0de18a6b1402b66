import { applyDecorators } from '@nestjs/common';
import { ApiOperation, ApiProperty, ApiPropertyOptional, ApiResponse, ApiTags } from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { PositionSchema } from './schemas.ts';

class ProjectionErrorSchema {
  @ApiProperty() message!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiPropertyOptional({ type: PositionSchema }) position?: PositionSchema;
}

class RebuildSchema {
  @ApiProperty() generation!: number;
  @ApiProperty({ type: [PositionSchema] }) checkpoint!: PositionSchema[];
  @ApiProperty() lagEvents!: number;
}

class ProjectionSchema {
  @ApiProperty({ example: 'user-names' }) name!: string;
  @ApiProperty() version!: number;
  @ApiProperty({ enum: ['live', 'catching-up', 'rebuilding', 'paused', 'failed', 'standby'] }) state!: string;
  @ApiProperty({ description: 'The one that readers use.' }) generation!: number;
  @ApiProperty({ type: [PositionSchema] }) checkpoint!: PositionSchema[];
  @ApiProperty({ type: [PositionSchema], description: 'Newest sequence of each stream.' }) head!: PositionSchema[];
  @ApiProperty({ description: 'Events that it wants and has not handled.' }) lagEvents!: number;
  @ApiProperty({ description: 'Milliseconds since the oldest of these was stored.' }) lagMs!: number;
  @ApiProperty() ratePerSecond!: number;
  @ApiProperty({ description: 'Events handled since its process began.' }) handled!: number;
  @ApiPropertyOptional({ type: ProjectionErrorSchema }) lastError?: ProjectionErrorSchema;
  @ApiPropertyOptional({ type: RebuildSchema }) rebuild?: RebuildSchema;
  @ApiProperty({ format: 'date-time', description: 'When its process last said so.' }) updatedAt!: string;
}

class ProjectionsResponseSchema {
  @ApiProperty({ type: [ProjectionSchema] }) projections!: ProjectionSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

function operation(operationId: string, summary: string, description?: string): MethodDecorator {
  return applyDecorators(
    ApiTags('projections'),
    ApiOperation({ operationId, summary, ...(description !== undefined && { description }) }),
  );
}

const ofOne = (description: string, status = 200): MethodDecorator =>
  applyDecorators(ApiResponse({ status, description, type: ProjectionSchema }), ApiProblems(400, 404, 421, 503));

/** Describes `GET /events/projections`. */
export function ApiProjections(): MethodDecorator {
  return applyDecorators(
    operation('listProjections', 'All projections, by name'),
    ApiResponse({ status: 200, description: 'A page of them.', type: ProjectionsResponseSchema }),
    ApiProblems(400, 421, 503),
  );
}

/** Describes `GET /events/projections/:name`. */
export function ApiProjection(): MethodDecorator {
  return applyDecorators(operation('getProjection', 'A projection and how far it is'), ofOne('The projection.'));
}

/** Describes `POST /events/projections/:name/pause`. */
export function ApiPauseProjection(): MethodDecorator {
  return applyDecorators(
    operation('pauseProjection', 'Handle nothing until it is resumed', 'The batch in hand is finished.'),
    ofOne('Paused, or as soon as its process hears of it.'),
  );
}

/** Describes `POST /events/projections/:name/resume`. */
export function ApiResumeProjection(): MethodDecorator {
  return applyDecorators(operation('resumeProjection', 'Handle events again'), ofOne('It goes on.'));
}

/** Describes `POST /events/projections/:name/rebuild`. */
export function ApiRebuildProjection(): MethodDecorator {
  return applyDecorators(
    operation(
      'rebuildProjection',
      'Build the read model anew',
      'Beside the one in use, which goes on, and takes its place once it has caught up.',
    ),
    ofOne('Asked for; the state tells how far it is.', 202),
  );
}

/** Describes `DELETE /events/projections/:name`. */
export function ApiForgetProjection(): MethodDecorator {
  return applyDecorators(
    operation('forgetProjection', 'Forget a projection that no process runs', 'What its read model holds stays.'),
    ApiResponse({ status: 204, description: 'It is forgotten.' }),
    ApiProblems(400, 404, 421, 503),
  );
}
