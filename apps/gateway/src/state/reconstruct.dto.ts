import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsBoolean, ValidateIf } from 'class-validator';
import { Cursor, Moment, Name, PageLimit, Version } from '../read/rules.ts';

/** The body of `POST /events/streams/:id/reconstruct`. */
export class ReconstructRequestDto {
  @Version('The state just after this version; the newest unless given. Not together with asOf.')
  toVersion?: number;

  @Moment("The state from what had happened by then (the events' own timestamps). Not together with toVersion.")
  asOf?: string;

  @ApiPropertyOptional({ description: 'Fold what is still stored where retention took the oldest events.' })
  @ValidateIf((_, value) => value !== undefined)
  @IsBoolean({ message: 'must be true or false' })
  allowIncomplete?: boolean;

  @PageLimit()
  limit?: number;

  @Cursor()
  cursor?: string;
}

/** The query of `POST /events/streams/:id/reconstruct`. */
export class ReconstructQueryDto {
  @Name('The aggregate type; needed where aggregates of several types have the id.')
  type?: string;

  @Name('The tenant; default unless given.')
  tenantId?: string;
}

/** The path of `POST /events/streams/:id/reconstruct`. */
export class StreamPathDto {
  @Name('The aggregate id.')
  id!: string;
}
