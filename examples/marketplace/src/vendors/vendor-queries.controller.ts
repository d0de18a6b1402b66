import { Controller } from '@nestjs/common';
import { MessagePattern, Payload, Transport } from '@nestjs/microservices';
import { FIND_VENDORS, type FoundVendor } from '../vendor/vendor-queries.ts';
import { VendorsService } from './vendors.service.ts';

/** Answers other services' questions: request and reply, by Nest's own NATS transport. */
@Controller()
export class VendorQueriesController {
  constructor(private readonly vendors: VendorsService) {}

  @MessagePattern(FIND_VENDORS, Transport.NATS)
  async find(@Payload() { ids }: { readonly ids: readonly string[] }): Promise<FoundVendor[]> {
    const found = await Promise.all(ids.map(async (id) => ({ id, ...(await this.vendors.read(id)).state })));
    return found.map(({ id, status, ownerId, profile, location }) => ({ id, status, ownerId, profile, location }));
  }
}
