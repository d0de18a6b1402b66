import {
  type EventHandler,
  type HandlingOptions,
  type SubscriptionOptions,
  ValidationError,
  type ValidationProblem,
  isThenable,
} from '@annals/core';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { ServiceOptions } from '../options/service-options.ts';
import { SERVICE_OPTIONS } from '../service/tokens.ts';
import { StartingRegistry } from '../registry/starting-registry.ts';
import { checkDistinctNames, durableOptions } from '../subscribe/handler-options.ts';
import { RunningSubscriptions } from '../subscribe/running-subscriptions.ts';
import { toDomainEvent } from './domain-event.ts';
import { type DomainEventSubscriber, isDomainEventSubscriber } from './domain-event-subscriber.ts';

interface Planned {
  readonly place: string;
  readonly options: SubscriptionOptions & HandlingOptions;
  readonly handler: EventHandler;
}

/**
 * Finds the subscribers among the providers and starts their subscriptions with the application, once its registry is
 * complete.
 */
@Injectable()
export class SubscriberExplorer implements OnApplicationBootstrap {
  constructor(
    @Inject(ModulesContainer) private readonly modules: ModulesContainer,
    @Inject(RunningSubscriptions) private readonly running: RunningSubscriptions,
    @Inject(SERVICE_OPTIONS) private readonly service: ServiceOptions,
    @Inject(StartingRegistry) private readonly starting: StartingRegistry,
  ) {}

  /**
   * @throws ValidationError with every problem of the registry, else of every subscriber; StoreUnavailable,
   *   SubscriptionConflict
   */
  async onApplicationBootstrap(): Promise<void> {
    try {
      // All providers' `onModuleInit` ran: every migration is there.
      this.starting.seal();
      await this.start();
    } catch (error) {
      // Nest calls no hooks of shutdown after a start that failed.
      await this.running.stop();
      throw error;
    }
  }

  private async start(): Promise<void> {
    const planned = this.plan();
    const starts = planned.map(({ options, handler }) => this.running.subscribe(options, handler));
    const failed = (await Promise.allSettled(starts)).find(({ status }) => status === 'rejected');
    if (failed) throw (failed as PromiseRejectedResult).reason;
  }

  private plan(): readonly Planned[] {
    const problems: ValidationProblem[] = [];
    const planned = [...this.find(problems)].flatMap((subscriber): Planned[] => {
      const place = subscriber.constructor.name;
      const { subscription: extras = {}, subscribedTo: patterns } = subscriber;
      const options = durableOptions({ place, extras, patterns }, this.service, problems);
      return options ? [{ place, options, handler: handlerOf(subscriber) }] : [];
    });
    checkDistinctNames(
      planned.map(({ place, options }) => ({ place, name: options.name })),
      problems,
    );
    if (problems.length > 0) throw new ValidationError(problems);
    return planned;
  }

  /** Each once, however many modules and tokens lead to it. */
  private find(problems: ValidationProblem[]): ReadonlySet<DomainEventSubscriber> {
    const found = new Set<DomainEventSubscriber>();
    for (const module of this.modules.values()) {
      for (const provider of module.providers.values()) {
        if (!isDomainEventSubscriber(provider.instance)) continue;
        if (provider.isDependencyTreeStatic()) found.add(provider.instance);
        else {
          const message = 'must be a singleton to subscribe: neither it nor what it injects may be of request scope';
          problems.push({ path: String(provider.name), message });
        }
      }
    }
    return found;
  }
}

function handlerOf(subscriber: DomainEventSubscriber): EventHandler {
  return (recorded, context) => {
    const event = toDomainEvent(recorded);
    const wanted: unknown = subscriber.isSubscribedTo(event);
    if (!isThenable(wanted)) return wanted ? subscriber.handle(event, context) : undefined;
    // A promise is true, whatever it comes to: one who wrote an async method by mistake must not get every event.
    return (wanted as PromiseLike<unknown>).then((yes) => (yes ? subscriber.handle(event, context) : undefined));
  };
}
