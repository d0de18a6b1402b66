import { IsOptional, IsString, Length } from 'class-validator';
import { VendorProfileDto } from '../../vendor/vendor-profile.dto.ts';

export class CreateVendorDto extends VendorProfileDto {
  /** The user who runs it. */
  @IsString()
  @Length(1, 64)
  ownerId!: string;

  /** Made up unless given. */
  @IsOptional()
  @IsString()
  @Length(1, 64)
  vendorId?: string;
}

export class UpdateVendorDto {
  @IsOptional()
  @IsString()
  @Length(1, 120)
  name?: string;

  @IsOptional()
  @IsString()
  @Length(1, 60)
  category?: string;

  @IsOptional()
  @IsString()
  @Length(1, 1_000)
  description?: string;
}
