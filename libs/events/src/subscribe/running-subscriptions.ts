import {
  type ActiveSubscription,
  type EventRegistry,
  type EventHandler,
  type EventStore,
  type HandlingOptions,
  type Logger,
  StoreClosed,
  type SubscriptionOptions,
  ValidationError,
  currentHandler,
} from '@annals/core';
import { nestLogger } from '../logging/nest-logger.ts';
import { correlatedHandler } from './correlated-handler.ts';
import { type LiveDefinition, LiveSubscription } from './live-subscription.ts';

/** What lies beneath a store with a registry. */
export interface Beneath {
  readonly store: Pick<EventStore, 'follow'>;
  readonly registry: EventRegistry;
}

/** All that one service has subscribed to: started and stopped together, one subscription for a name. */
export class RunningSubscriptions {
  private readonly running = new Map<string, Promise<ActiveSubscription>>();
  private readonly durable = new Map<string, ActiveSubscription>();
  private readonly failures = new Map<string, Error>();
  private stopping: Promise<void> | undefined;
  private liveCount = 0;

  /**
   * @param shutdownTimeoutMs how long a stop waits for the handlers
   * @param beneath where the store has a registry that is filled while the application starts: what has to wait for that
   *   is the handlers
   */
  constructor(
    private readonly store: Pick<EventStore, 'subscriptions' | 'follow'>,
    private readonly logger: Logger,
    private readonly shutdownTimeoutMs: number,
    private readonly beneath?: Beneath | undefined,
  ) {}

  /** Starts a durable subscription. @throws ValidationError when its name is taken here; as `subscribe` of the port */
  async subscribe(options: SubscriptionOptions & HandlingOptions, handler: EventHandler): Promise<ActiveSubscription> {
    const active = await this.start(options.name, () =>
      this.store.subscriptions.subscribe(options, correlatedHandler(handler)),
    );
    this.failures.delete(options.name);
    this.durable.set(options.name, active);
    return active;
  }

  /** Starts one that lasts as long as the process. @throws ValidationError, StoreUnavailable */
  async follow(definition: Omit<LiveDefinition, 'name'>, handler: EventHandler): Promise<ActiveSubscription> {
    const name = `live-${(this.liveCount += 1)}`;
    const correlated = correlatedHandler(handler);
    const { store, registry } = this.beneath ?? { store: this.store };
    const current = registry ? currentHandler(registry, correlated, definition.onUpcastFailure) : correlated;
    return this.start(name, () => LiveSubscription.start(store, { name, ...definition }, current, this.logger));
  }

  /** The durable ones that run in this process, by name. */
  get active(): ReadonlyMap<string, ActiveSubscription> {
    return this.durable;
  }

  /** Why subscriptions of this process ended that nobody stopped, by name. */
  get failed(): ReadonlyMap<string, Error> {
    return this.failures;
  }

  /** Takes no more events and waits for the handlers, as long as the shutdown may take. Never rejects. */
  stop(): Promise<void> {
    this.stopping ??= this.stopEach([...this.running]);
    return this.stopping;
  }

  /** As {@link stop}, for some of them; others run on. Never rejects. */
  async stopOnly(names: readonly string[]): Promise<void> {
    await this.stopEach([...this.running].filter(([name]) => names.includes(name)));
  }

  /** Called by Nest, before anything is closed in a later hook. */
  onModuleDestroy(): Promise<void> {
    return this.stop();
  }

  private async start<Active extends ActiveSubscription>(name: string, open: () => Promise<Active>): Promise<Active> {
    if (this.stopping) throw new StoreClosed();
    if (this.running.has(name)) {
      const message = `${name} is subscribed to in this service already: give each handler a name of its own`;
      throw new ValidationError([{ path: 'name', message }]);
    }
    const opening = open();
    this.running.set(name, opening);
    try {
      const active = await opening;
      void this.watch(active);
      return active;
    } catch (error) {
      this.running.delete(name);
      throw error;
    }
  }

  /** Never rejects. */
  private async watch(active: ActiveSubscription): Promise<void> {
    const { name } = active;
    try {
      await active.finished;
    } catch (error) {
      this.failures.set(name, error instanceof Error ? error : new Error(String(error)));
      this.logger.error('a subscription ended; the service gets no more of its events until it is started again', {
        subscription: name,
        reason: error,
      });
    }
    this.running.delete(name);
    this.durable.delete(name);
  }

  private async stopEach(running: readonly (readonly [string, Promise<ActiveSubscription>])[]): Promise<void> {
    // Handlers that wait for the application to start have nothing to finish.
    const isStarted = this.beneath?.registry.isSealed ?? true;
    const timeoutMs = isStarted ? this.shutdownTimeoutMs : 0;
    const stops = running.map(async ([name, opening]) => {
      try {
        await (await opening).stop({ timeoutMs });
      } catch (error) {
        this.logger.warn('a subscription could not be stopped in order', { subscription: name, reason: error });
      }
    });
    await Promise.all(stops);
  }
}

/** Those of a service, with Nest's log. */
export function runningSubscriptions(
  store: EventStore,
  { shutdownTimeoutMs, logger }: { readonly shutdownTimeoutMs: number; readonly logger?: Logger | undefined },
  beneath?: Beneath,
): RunningSubscriptions {
  return new RunningSubscriptions(store, logger ?? nestLogger(), shutdownTimeoutMs, beneath);
}
