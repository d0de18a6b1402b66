import { Type } from 'class-transformer';
import { IsObject, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { LocationDto } from '../location/location.dto.ts';

/** What a new vendor tells. */
export class VendorProfileDto {
  @IsString()
  @Length(1, 120)
  name!: string;

  @IsString()
  @Length(1, 60)
  category!: string;

  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  description?: string;

  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => LocationDto)
  location?: LocationDto;
}
