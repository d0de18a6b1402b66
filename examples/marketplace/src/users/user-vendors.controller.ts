import { Controller, Get } from '@nestjs/common';
import { IdParam } from '../http/aggregate-id.ts';
import type { FoundVendor } from '../vendor/vendor-queries.ts';
import { UserVendorsService } from './user-vendors.service.ts';

/** The vendors that a user runs, as the vendors service knows them. */
@Controller('users/:id/vendors')
export class UserVendorsController {
  constructor(private readonly vendors: UserVendorsService) {}

  @Get()
  async list(@IdParam() userId: string): Promise<{ readonly vendors: readonly FoundVendor[] }> {
    return { vendors: await this.vendors.of(userId) };
  }
}
