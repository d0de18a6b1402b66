import { IsLatitude, IsLongitude, IsNumber, IsOptional, IsString, Min } from 'class-validator';
import type { Location } from './location.ts';

/** A place as events hold it. */
export class LocationData implements Location {
  @IsNumber()
  @IsLatitude()
  readonly lat!: number;

  @IsNumber()
  @IsLongitude()
  readonly long!: number;

  @IsOptional()
  @Min(0)
  readonly accuracyMeters?: number;

  @IsOptional()
  @IsString()
  readonly address?: string;
}
