import { IsOptional, IsString, Length } from 'class-validator';

/** Query of every DELETE of a thing. */
export class DeleteQuery {
  @IsOptional()
  @IsString()
  @Length(1, 300)
  reason?: string;
}
