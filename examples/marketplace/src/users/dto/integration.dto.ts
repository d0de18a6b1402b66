import { ArrayMaxSize, IsArray, IsOptional, IsString, Length, Matches } from 'class-validator';

export class CreateIntegrationDto {
  @Matches(/^[a-z0-9][a-z0-9-]{0,49}$/, { message: 'provider must be lower-case words joined by hyphens' })
  provider!: string;

  /** How the other system names the user. */
  @IsString()
  @Length(1, 200)
  externalId!: string;

  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @IsString({ each: true })
  @Length(1, 60, { each: true })
  scopes?: string[];
}
