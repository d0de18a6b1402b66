import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { EventStore } from '@annals/core';
import { EventsHealthIndicator } from './health/events.health-indicator.ts';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './options/events-module-definition.ts';
import type { EventsModuleOptions } from './options/events-module-options.ts';
import { resolveServiceOptions } from './options/service-options.ts';
import { EventsService } from './service/events.service.ts';
import { EVENT_STORE, EVENTS_SERVICE, SERVICE_OPTIONS } from './service/tokens.ts';
import { openStore } from './store/open-store.ts';

/**
 * Gives an application its events: `EventsModule.forRoot(options)` once in the root module, or `forRootAsync` where the
 * options come from other providers.
 *
 * The store is open before any other provider that injects it is made, so a server that cannot be reached ends the
 * start with its address in the error. On shutdown the store finishes what is in hand and is closed after the
 * application's `onModuleDestroy` and `beforeApplicationShutdown` hooks, unless it was handed in.
 *
 * @example
 * \@Module({ imports: [EventsModule.forRoot({ servers: 'nats://127.0.0.1:4222' })] })
 * export class AppModule {}
 */
@Module({
  providers: [
    { provide: SERVICE_OPTIONS, useFactory: resolveServiceOptions, inject: [MODULE_OPTIONS_TOKEN] },
    // Waits for the service's options, so that a wrong one is found before anything is opened.
    { provide: EVENT_STORE, useFactory: openStore, inject: [MODULE_OPTIONS_TOKEN, SERVICE_OPTIONS] },
    EventsService,
    { provide: EVENTS_SERVICE, useExisting: EventsService },
    EventsHealthIndicator,
  ],
  exports: [EventsService, EVENTS_SERVICE, EVENT_STORE, EventsHealthIndicator],
})
export class EventsModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: EventsModuleOptions,
  ) {
    super();
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.options.store === undefined) await this.store.close();
  }
}
