import type { EventStore } from '@annals/core';
import type { JetStreamStoreOptions } from '@annals/jetstream';
import type { EventsOptions } from './events-options.ts';

/** A store that stays the caller's: the module neither opens nor closes it. */
export interface GivenStore {
  readonly store: EventStore;
}

/** The module opens a store on JetStream at start and closes it at shutdown; `eventRetentionDays` is its retention. */
export interface OwnStore extends Omit<JetStreamStoreOptions, 'retention' | 'registry'> {
  readonly store?: undefined;
}

/** Options of `EventsModule`: those of the service, and a store or how to open one. */
export type EventsModuleOptions = EventsOptions & (GivenStore | OwnStore);
