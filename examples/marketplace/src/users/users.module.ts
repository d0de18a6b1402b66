import { EventsModule, type EventsModuleOptions } from '@annals/events';
import { type DynamicModule, Module } from '@nestjs/common';
import { ClientsModule, Transport } from '@nestjs/microservices';
import { CommandRunner } from '../command/command-runner.ts';
import { ConnectionsService } from '../connection/connections.service.ts';
import { marketplaceEvents } from '../events/marketplace-events.ts';
import { HealthController } from '../http/health.controller.ts';
import { Mailer } from '../mail/mailer.ts';
import { PeerClient } from '../peer/peer-client.ts';
import { UserConnectionsController } from './user-connections.controller.ts';
import { UsersController } from './users.controller.ts';
import { UserVendorsController } from './user-vendors.controller.ts';
import { UserVendorsService, VENDORS } from './user-vendors.service.ts';
import { UsersService } from './users.service.ts';
import { VendorEventsController } from './vendor-events.controller.ts';
import { VendorOnboardingController } from './vendor-onboarding.controller.ts';
import { VendorOnboardingService } from './vendor-onboarding.service.ts';
import { WelcomeMailSubscriber } from './welcome-mail.subscriber.ts';

export interface UsersOptions {
  readonly events: EventsModuleOptions;
  readonly vendorsUrl: string;
  /** Where the vendors service answers queries; those of a developer's machine unless given. */
  readonly natsServers?: readonly string[];
  /** Mails are only logged unless given. */
  readonly mailUrl?: string | undefined;
}

/** The users service. */
@Module({})
export class UsersModule {
  static with({ events, vendorsUrl, natsServers, mailUrl }: UsersOptions): DynamicModule {
    const servers = [...(natsServers ?? ['nats://127.0.0.1:4222'])];
    return {
      module: UsersModule,
      imports: [
        EventsModule.forRoot({ source: { type: 'service', name: 'users' }, registry: marketplaceEvents, ...events }),
        ClientsModule.register([{ name: VENDORS, transport: Transport.NATS, options: { servers } }]),
      ],
      controllers: [
        UsersController,
        UserConnectionsController,
        UserVendorsController,
        VendorOnboardingController,
        VendorEventsController,
        HealthController,
      ],
      providers: [
        CommandRunner,
        UsersService,
        ConnectionsService,
        VendorOnboardingService,
        UserVendorsService,
        WelcomeMailSubscriber,
        { provide: Mailer, useFactory: () => new Mailer(mailUrl) },
        { provide: PeerClient, useFactory: () => new PeerClient('vendors', vendorsUrl) },
      ],
    };
  }
}
