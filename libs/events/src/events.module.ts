import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import { EventRegistry, type EventStore } from '@annals/core';
import { AggregateRepositories } from './aggregate/aggregate-repositories.ts';
import type { AnyAggregate } from './aggregate/aggregate-token.ts';
import { AggregatesModule, type FeatureOfAggregates } from './aggregate/aggregates.module.ts';
import { EventsHealthIndicator } from './health/events.health-indicator.ts';
import { ConfigurableModuleClass, MODULE_OPTIONS_TOKEN } from './options/events-module-definition.ts';
import type { EventsModuleOptions } from './options/events-module-options.ts';
import { type ServiceOptions, resolveServiceOptions } from './options/service-options.ts';
import { nestLogger } from './logging/nest-logger.ts';
import { registryOf } from './registry/registry-options.ts';
import { StartingRegistry } from './registry/starting-registry.ts';
import { EventsService } from './service/events.service.ts';
import { EVENT_STORE, EVENTS_SERVICE, SERVICE_OPTIONS } from './service/tokens.ts';
import { openModuleStore, storeBeneath } from './store/open-store.ts';
import { RunningSubscriptions, runningSubscriptions } from './subscribe/running-subscriptions.ts';
import { SubscriberExplorer } from './subscriber/subscriber-explorer.ts';
import { EventsClient } from './transport/events-client.ts';
import { EventsTransport } from './transport/events-transport.ts';
import { placesIn } from './transport/handler-places.ts';

/**
 * Gives an application its events: `EventsModule.forRoot(options)` once in the root module, or `forRootAsync` where the
 * options come from other providers.
 *
 * The store is open before any other provider that injects it is made, so a server that cannot be reached ends the
 * start with its address in the error. On shutdown the subscriptions stop with the `onModuleDestroy` hooks, whose last
 * they are: handlers that run may finish. The store finishes what is in hand and is closed after the application's
 * `beforeApplicationShutdown` hooks, unless it was handed in.
 *
 * @example
 * \@Module({ imports: [EventsModule.forRoot({ servers: 'nats://127.0.0.1:4222' })] })
 * export class AppModule {}
 */
@Module({
  providers: [
    { provide: SERVICE_OPTIONS, useFactory: resolveServiceOptions, inject: [MODULE_OPTIONS_TOKEN] },
    { provide: EventRegistry, useFactory: registryOf, inject: [MODULE_OPTIONS_TOKEN] },
    StartingRegistry,
    // Waits for the service's options, so that a wrong one is found before anything is opened.
    {
      provide: EVENT_STORE,
      useFactory: openModuleStore,
      inject: [MODULE_OPTIONS_TOKEN, EventRegistry, SERVICE_OPTIONS],
    },
    EventsService,
    { provide: EVENTS_SERVICE, useExisting: EventsService },
    EventsHealthIndicator,
    {
      provide: RunningSubscriptions,
      useFactory: (
        store: EventStore,
        { shutdownTimeoutMs }: ServiceOptions,
        options: EventsModuleOptions,
        registry: EventRegistry,
      ) => {
        const beneath = storeBeneath(store);
        return runningSubscriptions(
          store,
          { shutdownTimeoutMs, logger: options.store ? undefined : options.logger },
          beneath && { store: beneath, registry },
        );
      },
      inject: [EVENT_STORE, SERVICE_OPTIONS, MODULE_OPTIONS_TOKEN, EventRegistry],
    },
    {
      provide: AggregateRepositories,
      useFactory: (store: EventStore, service: ServiceOptions, options: EventsModuleOptions) =>
        new AggregateRepositories(store, service, (options.store ? undefined : options.logger) ?? nestLogger()),
      inject: [EVENT_STORE, SERVICE_OPTIONS, MODULE_OPTIONS_TOKEN],
    },
    SubscriberExplorer,
    {
      provide: EventsTransport,
      useFactory: (
        store: EventStore,
        service: ServiceOptions,
        running: RunningSubscriptions,
        modules: ModulesContainer,
      ) => new EventsTransport({ ...service, store, running, places: placesIn(modules) }),
      inject: [EVENT_STORE, SERVICE_OPTIONS, RunningSubscriptions, ModulesContainer],
    },
    {
      provide: EventsClient,
      useFactory: (store: EventStore, { ownTenantId: tenantId, source }: ServiceOptions) =>
        new EventsClient({ store, tenantId, source }),
      inject: [EVENT_STORE, SERVICE_OPTIONS],
    },
  ],
  exports: [
    EventsService,
    EVENTS_SERVICE,
    EVENT_STORE,
    EventRegistry,
    AggregateRepositories,
    EventsHealthIndicator,
    EventsTransport,
    EventsClient,
  ],
})
export class EventsModule extends ConfigurableModuleClass implements OnApplicationShutdown {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    @Inject(MODULE_OPTIONS_TOKEN) private readonly options: EventsModuleOptions,
    @Inject(AggregateRepositories) private readonly repositories: AggregateRepositories,
  ) {
    super();
  }

  /**
   * Repositories of aggregates for the module that imports it, injected by `@InjectAggregate(aggregate)`. They work in the
   * tenant and the chain of events that the running code belongs to, and keep snapshots by the aggregate's policy.
   *
   * @param aggregates as `defineAggregate` makes them, or classes that extend `AggregateRoot`
   * @param options `imports`: the `EventsModule`, where it is not global
   * @example
   * \@Module({ imports: [EventsModule.forFeature([account])], providers: [AccountsService] })
   * export class AccountsModule {}
   */
  static forFeature(aggregates: readonly AnyAggregate[], options?: FeatureOfAggregates): DynamicModule {
    return AggregatesModule.of(aggregates, options);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.repositories.settled();
    if (this.options.store === undefined) await this.store.close();
  }
}
