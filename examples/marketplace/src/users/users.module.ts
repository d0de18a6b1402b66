import { EventsModule, type EventsModuleOptions } from '@annals/events';
import { type DynamicModule, Module } from '@nestjs/common';
import { CommandRunner } from '../command/command-runner.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { HealthController } from '../http/health.controller.ts';
import { PeerClient } from '../peer/peer-client.ts';
import { UserConnectionsController } from './user-connections.controller.ts';
import { UsersController } from './users.controller.ts';
import { UsersService } from './users.service.ts';
import { VendorOnboardingController } from './vendor-onboarding.controller.ts';
import { VendorOnboardingService } from './vendor-onboarding.service.ts';

/** The users service. */
@Module({})
export class UsersModule {
  static with(options: { readonly events: EventsModuleOptions; readonly vendorsUrl: string }): DynamicModule {
    return {
      module: UsersModule,
      imports: [EventsModule.forRoot({ source: { type: 'service', name: 'users' }, ...options.events })],
      controllers: [UsersController, UserConnectionsController, VendorOnboardingController, HealthController],
      providers: [
        CommandRunner,
        UsersService,
        ConnectionsService,
        VendorOnboardingService,
        { provide: PeerClient, useFactory: () => new PeerClient('vendors', options.vendorsUrl) },
      ],
    };
  }
}
