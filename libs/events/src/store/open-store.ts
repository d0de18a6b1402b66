import { type EventRegistry, type EventStore, ValidationError, withRegistry } from '@annals/core';
import { type JetStreamStoreOptions, openJetStreamStore } from '@annals/jetstream';
import { nestLogger } from '../logging/nest-logger.ts';
import type { EventsModuleOptions, GivenStore, OwnStore } from '../options/events-module-options.ts';
import type { EventsOptions } from '../options/events-options.ts';

/** Options of the service that a store may be given beside its own. */
export type StoreOptions = Omit<EventsOptions, 'registry'> & (GivenStore | (OwnStore & OwnRegistry));

type OwnRegistry = Pick<JetStreamStoreOptions, 'registry'>;

/** What lies beneath the stores of modules. */
const beneath = new WeakMap<EventStore, EventStore>();

/**
 * The store of a module: everything goes by the registry, the replays that it drives too.
 *
 * @throws as {@link openStore}
 */
export async function openModuleStore(options: EventsModuleOptions, registry: EventRegistry): Promise<EventStore> {
  const { registry: _registry, ...others } = options;
  const stored = await openStore(others.store ? others : { ...others, replays: { ...others.replays, registry } });
  const store = withRegistry(stored, registry);
  beneath.set(store, stored);
  return store;
}

/** The store whose events are as they are stored; undefined for one that a test put in the module's place. */
export function storeBeneath(store: EventStore): EventStore | undefined {
  return beneath.get(store);
}

/**
 * The store that was handed in, or a new one on JetStream that logs to Nest's logger unless told otherwise.
 *
 * @throws ValidationError when a retention is asked for a store that was handed in
 * @throws StoreUnavailable when no server answers, ServerTooOld, ProvisioningRefused, MisplacedAggregateType
 */
export async function openStore(options: StoreOptions): Promise<EventStore> {
  if (!options.store) return openJetStreamStore(storeOptions(options));
  if (options.eventRetentionDays === undefined) return options.store;
  const message = 'needs a store that the module opens: one that is handed in keeps the retention it was opened with';
  throw new ValidationError([{ path: 'eventRetentionDays', message }]);
}

function storeOptions(options: Omit<EventsOptions, 'registry'> & OwnStore & OwnRegistry): JetStreamStoreOptions {
  const days = options.eventRetentionDays;
  const own: Record<string, unknown> = {
    ...options,
    logger: options.logger ?? nestLogger(),
    retention: days === undefined ? undefined : { days },
  };
  for (const key of SERVICE_KEYS) delete own[key];
  return own;
}

/** They mean nothing to the store. */
const SERVICE_KEYS = [
  'store',
  'tenantId',
  'serviceName',
  'shutdownTimeoutMs',
  'source',
  'eventRetentionDays',
  'unknownTypes',
  'enableAuditLog',
  'enableEventReplay',
  'enableStateReconstruction',
] as const satisfies (keyof EventsOptions | keyof OwnStore)[];
