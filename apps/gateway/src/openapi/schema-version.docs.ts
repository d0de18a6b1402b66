import { NDJSON } from '@annals/contract';
import { applyDecorators } from '@nestjs/common';
import {
  ApiExtraModels,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiResponse,
  ApiTags,
  getSchemaPath,
} from '@nestjs/swagger';
import { ApiProblems } from './problems.docs.ts';
import { PositionSchema } from './schemas.ts';

class SchemaVersionSchema {
  @ApiProperty({ example: 'user.created' }) eventType!: string;
  @ApiProperty({ minimum: 1 }) schemaVersion!: number;
  @ApiProperty() count!: number;
  @ApiProperty({ type: PositionSchema }) first!: PositionSchema;
  @ApiProperty({ type: PositionSchema }) last!: PositionSchema;
  @ApiPropertyOptional({ description: 'Of types that STATE_MODULE knows.' }) currentVersion?: number;
  @ApiProperty({ enum: ['current', 'migrates', 'newer', 'no-way'] }) way!: string;
}

class SchemaVersionsResponseSchema {
  @ApiProperty({ description: 'Events read.' }) events!: number;
  @ApiProperty({ description: 'True when every stored event can be read.' }) complete!: boolean;
  @ApiProperty({ type: [SchemaVersionSchema] }) versions!: SchemaVersionSchema[];
}

class SchemaVersionsProgressSchema {
  @ApiProperty({ description: 'Events read so far.' }) read!: number;
}

/** Describes `GET /events/schema-versions`. */
export function ApiSchemaVersions(): MethodDecorator {
  const answer = { $ref: getSchemaPath(SchemaVersionsResponseSchema) };
  return applyDecorators(
    ApiTags('state'),
    ApiOperation({
      operationId: 'getSchemaVersions',
      summary: 'Which schema versions are stored, and whether each can be read',
      description: `Reads the whole log. With \`Accept: ${NDJSON}\` it tells how far it is, and the answer is the last line.`,
    }),
    ApiExtraModels(SchemaVersionsResponseSchema, SchemaVersionsProgressSchema),
    ApiResponse({
      status: 200,
      description: 'By event type and schema version.',
      content: {
        'application/json': { schema: answer },
        [NDJSON]: { schema: { oneOf: [{ $ref: getSchemaPath(SchemaVersionsProgressSchema) }, answer] } },
      },
    }),
    ApiProblems(400, 421, 503),
  );
}
