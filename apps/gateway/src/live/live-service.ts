import type { Logger } from 'pino';
import type { LiveConfig } from '../config/live-config.ts';
import { type OriginCheck, createOriginCheck } from '../security/origin-check.ts';
import type { ApiMetrics } from '../metrics/api-metrics.ts';
import type { StoreConnection } from '../store/store-connection.ts';
import { LiveClients } from './live-clients.ts';
import type { CanonicalFilter } from './live-filter.ts';
import { LiveHubs } from './live-hubs.ts';
import { LiveMetrics } from './live-metrics.ts';
import type { CheckedLiveStart } from './live-start.ts';
import { type LiveOutput, LiveSubscription } from './live-subscription.ts';
import { Slots } from './slots.ts';

/** Pages that are read from the store at the same time, for all clients that are behind. */
const CATCH_UPS_AT_A_TIME = 8;

/** A subscription that is joined to its hub. */
export interface OpenedSubscription {
  readonly subscription: LiveSubscription;
  /** To be called when it has run. */
  readonly letGo: () => void;
}

/** Live events for clients, whatever they are connected by. */
export class LiveService {
  readonly clients: LiveClients;
  readonly metrics: LiveMetrics;
  readonly checkOrigin: OriginCheck;
  readonly #hubs: LiveHubs;
  readonly #slots = new Slots(CATCH_UPS_AT_A_TIME);

  constructor(
    readonly config: LiveConfig,
    private readonly connection: StoreConnection,
    metrics: ApiMetrics,
    readonly logger: Logger,
  ) {
    const store = () => connection.store;
    this.#hubs = new LiveHubs(config.maxFilters, { store, logger });
    this.metrics = new LiveMetrics(metrics.registry, () => this.#hubs.count);
    this.clients = new LiveClients(config, this.metrics);
    this.checkOrigin = createOriginCheck(config.allowedOrigins);
  }

  /** Nothing goes to the output before the subscription is run. @throws HttpProblem, StoreUnavailable */
  async open(filter: CanonicalFilter, start: CheckedLiveStart, output: LiveOutput): Promise<OpenedSubscription> {
    const { hub, letGo } = await this.#hubs.use(filter);
    const subscription = new LiveSubscription(hub, start, output, {
      store: () => this.connection.store,
      slots: this.#slots,
      bufferBytes: this.config.bufferBytes,
      onCatchUp: () => this.metrics.catchUpRead(),
    });
    return { subscription, letGo };
  }

  /** Ends all clients with a reason. */
  close(): void {
    this.clients.close();
    this.#hubs.close();
  }
}
