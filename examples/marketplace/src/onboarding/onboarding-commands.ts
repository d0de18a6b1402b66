import type { CommandContext as ProcessContext } from '@annals/events';
import { Injectable } from '@nestjs/common';
import { expectDone } from '../http/answer.ts';
import { VendorsService } from '../vendors/vendors.service.ts';
import type { CloseVendor } from './vendor-onboarding.process.ts';

/** What the onboarding of vendors has done. */
@Injectable()
export class OnboardingCommands {
  constructor(private readonly vendors: VendorsService) {}

  /** Its owner's integration is taken back by the users service, which hears of it. A repetition finds it done. */
  async closeVendor({ missing }: CloseVendor, context: ProcessContext): Promise<void> {
    const reason = `onboarding was not completed in time: no ${missing.join(', no ')}`;
    const { key: vendorId, correlationId, causationId, idempotencyId } = context;
    expectDone(
      await this.vendors.delete(vendorId, reason, {
        correlationId,
        causationId,
        userId: undefined,
        idempotencyKey: idempotencyId,
        expectedVersion: undefined,
        requestDigest: idempotencyId,
      }),
    );
  }
}
