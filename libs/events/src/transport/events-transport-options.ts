import type { JetStreamStoreOptions } from '@annals/jetstream';
import type { GivenStore, OwnStore } from '../options/events-module-options.ts';
import type { ModuleImport } from './handler-places.ts';

/** Options of a transport that is made without `EventsModule`: names, and a store or how to open one. */
export type EventsTransportOptions = (GivenStore | (OwnStore & Pick<JetStreamStoreOptions, 'registry'>)) & {
  /** First part of the names of subscriptions. */
  readonly serviceName: string;
  /** The application's root module: names of subscriptions are those of its controllers and methods. */
  readonly module: ModuleImport;
  /** Handlers get the events of this tenant; those of all unless given. */
  readonly tenantId?: string | undefined;
  /** Milliseconds that a shutdown waits for handlers that run; 10,000. */
  readonly shutdownTimeoutMs?: number | undefined;
  readonly logger?: OwnStore['logger'];
};
