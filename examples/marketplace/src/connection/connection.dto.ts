import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

/** A client opened a WebSocket. */
export class ConnectDto {
  /** Made up unless given. */
  @IsOptional()
  @Matches(/^[A-Za-z0-9_-]{1,64}$/, { message: 'connectionId must be 1 to 64 of A-Z, a-z, 0-9, _ and -' })
  connectionId?: string;

  @IsOptional()
  @IsString()
  @Length(1, 100)
  device?: string;

  @IsOptional()
  @IsString()
  @Length(1, 300)
  userAgent?: string;
}

/** Normal closure, RFC 6455. */
const NORMAL_CLOSURE = 1000;

/** The WebSocket was closed. */
export class DisconnectQuery {
  /** Close code. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1000)
  @Max(4999)
  code: number = NORMAL_CLOSURE;
}
