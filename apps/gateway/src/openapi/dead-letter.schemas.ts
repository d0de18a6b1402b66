import { DEAD_LETTER_KINDS } from '@annals/core';
import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { EventSchema, PositionSchema } from './schemas.ts';

class DeadLetterErrorSchema {
  @ApiProperty() name!: string;
  @ApiProperty() message!: string;
  @ApiPropertyOptional() code?: string;
  @ApiPropertyOptional() stack?: string;
}

export class DeadLetterSchema {
  @ApiProperty({ example: 'billing/EVENTS/17' }) id!: string;
  @ApiProperty() subscription!: string;
  @ApiProperty({ enum: DEAD_LETTER_KINDS }) kind!: string;
  @ApiProperty({ description: 'A sentence for an operator.' }) reason!: string;
  @ApiPropertyOptional({ type: DeadLetterErrorSchema }) error?: DeadLetterErrorSchema;
  @ApiProperty({ description: 'Since it was delivered first or redriven last.' }) attempts!: number;
  @ApiProperty({ description: 'How often it was redriven and came back.' }) redrives!: number;
  @ApiProperty({ format: 'date-time' }) deadLetteredAt!: string;
  @ApiProperty({ description: 'True while it waits to be handled again.' }) redriving!: boolean;
  @ApiProperty({ type: PositionSchema }) position!: PositionSchema;
  @ApiPropertyOptional({ type: EventSchema, description: 'Absent for unreadable.' }) event?: EventSchema;
}

export class DeadLettersResponseSchema {
  @ApiProperty({ type: [DeadLetterSchema] }) deadLetters!: DeadLetterSchema[];
  @ApiProperty({ type: 'string', nullable: true, description: 'Null after the last page.' }) nextCursor!: string | null;
}

export class RedriveResponseSchema {
  @ApiProperty({ description: 'Letters that the selection matched.' }) matched!: number;
  @ApiProperty({ description: 'Of these, now waiting for their subscription.' }) redriven!: number;
  @ApiProperty({ description: 'Letters whose subscription does not exist.' }) orphaned!: number;
}

export class PurgeResponseSchema {
  @ApiProperty() purged!: number;
}
