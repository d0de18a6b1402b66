import { type EventRegistry, type EventStore, ValidationError } from '@annals/core';
import { type JetStreamStoreOptions, openJetStreamStore } from '@annals/jetstream';
import { nestLogger } from '../logging/nest-logger.ts';
import type { EventsModuleOptions, GivenStore, OwnStore } from '../options/events-module-options.ts';
import type { EventsOptions } from '../options/events-options.ts';

/** Options of the service that a store may be given beside its own. */
export type StoreOptions = Omit<EventsOptions, 'registry'> & (GivenStore | (OwnStore & OwnRegistry));

type OwnRegistry = Pick<JetStreamStoreOptions, 'registry'>;

/**
 * The store of a module, beneath its registry: replays that it drives go by the registry, everything else is for who wraps
 * it.
 *
 * @throws as {@link openStore}
 */
export function openModuleStore(options: EventsModuleOptions, registry: EventRegistry): Promise<EventStore> {
  const { registry: _registry, ...others } = options;
  if (others.store) return openStore(others);
  return openStore({ ...others, replays: { ...others.replays, registry } });
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
