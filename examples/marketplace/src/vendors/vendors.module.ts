import { EventsModule, type EventsModuleOptions } from '@annals/events';
import { type DynamicModule, Module } from '@nestjs/common';
import { CommandRunner } from '../command/command-runner.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { marketplaceEvents } from '../events/marketplace-events.ts';
import { HealthController } from '../http/health.controller.ts';
import { OwnerEventsController } from './owner-events.controller.ts';
import { OwnersService } from './owners.service.ts';
import { VendorConnectionsController } from './vendor-connections.controller.ts';
import { VendorQueriesController } from './vendor-queries.controller.ts';
import { VendorsController } from './vendors.controller.ts';
import { VendorsService } from './vendors.service.ts';

/** The vendors service. */
@Module({})
export class VendorsModule {
  static with(options: { readonly events: EventsModuleOptions }): DynamicModule {
    return {
      module: VendorsModule,
      imports: [
        EventsModule.forRoot({
          source: { type: 'service', name: 'vendors' },
          registry: marketplaceEvents,
          ...options.events,
        }),
      ],
      controllers: [
        VendorsController,
        VendorConnectionsController,
        VendorQueriesController,
        OwnerEventsController,
        HealthController,
      ],
      providers: [CommandRunner, VendorsService, OwnersService, ConnectionsService],
    };
  }
}
