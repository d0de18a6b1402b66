import { Body, Controller, Post } from '@nestjs/common';
import type { CommandContext } from '../command/command-context.ts';
import { IdParam } from '../http/aggregate-id.ts';
import { Context } from '../http/command-headers.ts';
import { VendorProfileDto } from '../vendor/vendor-profile.dto.ts';
import { type OnboardingAnswer, VendorOnboardingService } from './vendor-onboarding.service.ts';

/** A user takes up selling. */
@Controller('users/:id/vendors')
export class VendorOnboardingController {
  constructor(private readonly onboarding: VendorOnboardingService) {}

  @Post()
  onboard(
    @IdParam() userId: string,
    @Body() dto: VendorProfileDto,
    @Context() context: CommandContext,
  ): Promise<OnboardingAnswer> {
    return this.onboarding.onboard(userId, dto, context);
  }
}
