import { InjectReadModel, type ReadModel } from '@annals/events';
import { Controller, Get } from '@nestjs/common';
import { IdParam } from '../http/aggregate-id.ts';
import { type ListedVendor, ownerKey, vendorDirectory } from './vendor-directory.ts';

/** An owner's vendors, out of the read model: a moment behind the events. */
@Controller('owners')
export class VendorDirectoryController {
  constructor(@InjectReadModel(vendorDirectory) private readonly directory: ReadModel<readonly ListedVendor[]>) {}

  @Get(':id/vendors')
  async list(@IdParam() ownerId: string): Promise<{ ownerId: string; vendors: readonly ListedVendor[] }> {
    return { ownerId, vendors: (await this.directory.get(ownerKey(ownerId))) ?? [] };
  }
}
