import { MAX_DIFF_EVENTS } from '@annals/contract';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

const REDUCER = { enum: ['module', 'merge-patch'] };
const RETAINED = { description: 'Where retention took older ones.' };

export class StateResponseSchema {
  @ApiProperty() aggregateId!: string;
  @ApiProperty() aggregateType!: string;
  @ApiProperty({ minimum: 0, description: 'Of the last event in the state.' }) version!: number;
  @ApiPropertyOptional({ format: 'date-time', description: 'When that happened.' }) timestamp?: string;
  @ApiProperty({ description: 'Any JSON value.' }) state!: unknown;
  @ApiProperty(REDUCER) reducer!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'Of the snapshot that it was made from.' })
  snapshotVersion!: number | null;
  @ApiPropertyOptional(RETAINED) retainedFromVersion?: number;
}

class PatchOperationSchema {
  @ApiProperty({ enum: ['add', 'replace', 'remove'] }) op!: string;
  @ApiProperty({ description: 'A JSON Pointer (RFC 6901).', example: '/address/city' }) path!: string;
  @ApiPropertyOptional({ description: 'Any JSON value; absent for remove.' }) value?: unknown;
}

class StateChangeSchema {
  @ApiProperty() version!: number;
  @ApiProperty({ example: 'user.updated' }) type!: string;
  @ApiProperty({ format: 'date-time' }) timestamp!: string;
  @ApiPropertyOptional() userId?: string;
  @ApiProperty() messageId!: string;
  @ApiProperty({ type: [PatchOperationSchema] }) patch!: PatchOperationSchema[];
}

class StateVersionSchema {
  @ApiProperty({ minimum: 0 }) version!: number;
}

export class DiffResponseSchema {
  @ApiProperty() aggregateId!: string;
  @ApiProperty() aggregateType!: string;
  @ApiProperty(REDUCER) reducer!: string;
  @ApiProperty({ type: StateVersionSchema }) from!: StateVersionSchema;
  @ApiProperty({ type: StateVersionSchema }) to!: StateVersionSchema;
  @ApiProperty({ type: [PatchOperationSchema] }) patch!: PatchOperationSchema[];
  @ApiProperty({ type: [StateChangeSchema], maxItems: MAX_DIFF_EVENTS }) changes!: StateChangeSchema[];
  @ApiPropertyOptional(RETAINED) retainedFromVersion?: number;
}
