import { EventsModule, type EventsModuleOptions, ProcessesModule, ProjectionsModule } from '@annals/events';
import { type DynamicModule, Module } from '@nestjs/common';
import { CommandRunner } from '../command/command-runner.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { marketplaceEvents } from '../events/marketplace-events.ts';
import { HealthController } from '../http/health.controller.ts';
import { OnboardingCommands } from '../onboarding/onboarding-commands.ts';
import { vendorOnboarding } from '../onboarding/vendor-onboarding.process.ts';
import { OwnerEventsController } from './owner-events.controller.ts';
import { OwnersService } from './owners.service.ts';
import { VendorConnectionsController } from './vendor-connections.controller.ts';
import { VendorDirectoryController } from './vendor-directory.controller.ts';
import { vendorDirectory } from './vendor-directory.ts';
import { VendorQueriesController } from './vendor-queries.controller.ts';
import { VendorsController } from './vendors.controller.ts';
import { VendorsService } from './vendors.service.ts';

/** The vendors service. */
@Module({})
export class VendorsModule {
  /** @param options `onboardingDeadlineMs`: how long a new vendor has to become complete; 7 days */
  static with(options: {
    readonly events: EventsModuleOptions;
    readonly onboardingDeadlineMs?: number;
  }): DynamicModule {
    const events = EventsModule.forRoot({
      source: { type: 'service', name: 'vendors' },
      registry: marketplaceEvents,
      ...options.events,
    });
    const onboarding = { process: vendorOnboarding(options.onboardingDeadlineMs), commands: OnboardingCommands };
    return {
      module: VendorsModule,
      imports: [
        events,
        ProcessesModule.forFeature([onboarding], { imports: [events] }),
        ProjectionsModule.forFeature([{ projection: vendorDirectory }], { imports: [events] }),
      ],
      controllers: [
        VendorsController,
        VendorConnectionsController,
        VendorQueriesController,
        VendorDirectoryController,
        OwnerEventsController,
        HealthController,
      ],
      providers: [CommandRunner, VendorsService, OwnersService, ConnectionsService, OnboardingCommands],
    };
  }
}
