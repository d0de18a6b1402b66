import { Injectable } from '@nestjs/common';
import type { CommandContext } from '../command/command-context.ts';
import { digest, newId } from '../command/command-identity.ts';
import { type CommandAnswer, expectDone } from '../http/answer.ts';
import { HttpProblem } from '../http/problem.ts';
import { vendorIntegration } from '../user/user-decisions.ts';
import { PeerClient } from '../peer/peer-client.ts';
import type { VendorProfileDto } from '../vendor/vendor-profile.dto.ts';
import { UsersService } from './users.service.ts';

/** A user takes up selling: what both services did. */
export interface OnboardingAnswer {
  readonly vendorId: string;
  /** On the user: the vendor as an integration. */
  readonly user: CommandAnswer;
  /** On the vendor. */
  readonly vendor: CommandAnswer;
}

/**
 * Onboards a vendor in two steps in two services: the user's integration here, then the vendor there, in one chain of
 * correlation where the first event is the cause of the second. There is no transaction over both: when the second step
 * fails, the client repeats the command with its idempotency key, the first step answers with what it did, and the
 * second is taken up where it was. When the vendor is refused for good, the first step is taken back.
 */
@Injectable()
export class VendorOnboardingService {
  constructor(
    private readonly users: UsersService,
    private readonly vendors: PeerClient,
  ) {}

  async onboard(userId: string, dto: VendorProfileDto, context: CommandContext): Promise<OnboardingAnswer> {
    const vendorId = newId('vendor', context);
    const done = expectDone(await this.users.addIntegration(userId, vendorIntegration(vendorId), context));
    const chain = {
      correlationId: done.correlationId,
      causationId: done.events[0]!.messageId,
      userId: context.userId ?? userId,
    };
    const vendor = await this.createVendor(vendorId, userId, dto, chain).catch(async (error: unknown) => {
      if (isFinal(error)) await this.takeBack(userId, vendorId, { ...context, ...chain });
      throw error;
    });
    const { version, events, repeated } = done;
    return { vendorId, user: { id: userId, version, events, repeated }, vendor };
  }

  private createVendor(
    vendorId: string,
    ownerId: string,
    dto: VendorProfileDto,
    context: Chain,
  ): Promise<CommandAnswer> {
    return this.vendors.command<CommandAnswer>({
      method: 'POST',
      path: '/vendors',
      body: { ...dto, vendorId, ownerId },
      context,
      idempotencyKey: digest('onboard', vendorId).slice(0, 32),
    });
  }

  private async takeBack(userId: string, vendorId: string, context: CommandContext): Promise<void> {
    const own = { ...context, idempotencyKey: undefined, expectedVersion: undefined };
    await this.users.removeIntegration(userId, vendorId, own);
  }
}

type Chain = Pick<CommandContext, 'correlationId' | 'causationId' | 'userId'>;

/** True when repeating the command would end the same way. */
function isFinal(error: unknown): boolean {
  return error instanceof HttpProblem && error.problem.status < 500;
}
