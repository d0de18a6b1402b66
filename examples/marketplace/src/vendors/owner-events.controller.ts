import { EventContext, EVENTS_TRANSPORT, type EventHandlerExtras } from '@annals/events';
import { Controller } from '@nestjs/common';
import { Ctx, EventPattern } from '@nestjs/microservices';
import { handlerContext, aggregateIdOf } from '../handling/handler-context.ts';
import { expectDone } from '../http/answer.ts';
import { OwnersService } from './owners.service.ts';
import { VendorsService } from './vendors.service.ts';

/** Closes the vendors of users who left. */
@Controller()
export class OwnerEventsController {
  constructor(
    private readonly owners: OwnersService,
    private readonly vendors: VendorsService,
  ) {}

  @EventPattern(['user.deleted'], EVENTS_TRANSPORT, { mode: 'ordered', maxDeliver: 10 } satisfies EventHandlerExtras)
  async close(@Ctx() { event, signal }: EventContext): Promise<void> {
    const context = handlerContext(event);
    for (const vendorId of await this.owners.vendorIds(aggregateIdOf(event))) {
      signal.throwIfAborted();
      expectDone(await this.vendors.delete(vendorId, 'its owner left', context));
    }
  }
}
