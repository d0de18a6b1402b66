import { EventContext, EVENTS_TRANSPORT, type EventHandlerExtras } from '@annals/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern } from '@nestjs/microservices';
import { expectDone } from '../http/answer.ts';
import { aggregateIdOf, handlerContext } from '../handling/handler-context.ts';
import { UsersService } from './users.service.ts';
import { UserVendorsService } from './user-vendors.service.ts';

const IN_ORDER = { mode: 'ordered' } satisfies EventHandlerExtras;

/** Keeps the vendors that a user runs among the user's integrations, whoever created or deleted them. */
@Controller()
export class VendorEventsController {
  constructor(
    private readonly users: UsersService,
    private readonly vendors: UserVendorsService,
  ) {}

  /** One handler for both, and in order: a vendor must not be recorded after it was deleted. */
  @EventPattern(['vendor.created', 'vendor.deleted'], EVENTS_TRANSPORT, IN_ORDER)
  async follow(@Ctx() { event }: EventContext): Promise<void> {
    const vendorId = aggregateIdOf(event);
    const ownerId = await this.vendors.ownerOf(vendorId);
    const context = handlerContext(event);
    expectDone(
      event.type === 'vendor.created'
        ? await this.users.recordVendor(ownerId, vendorId, context)
        : await this.users.removeIntegration(ownerId, vendorId, context),
    );
  }
}
