import type { EventStore } from '@annals/core';
import { type JetStreamStoreOptions, openJetStreamStore } from '@annals/jetstream';
import { nestLogger } from '../logging/nest-logger.ts';
import type { EventsModuleOptions } from '../options/events-module-options.ts';

/**
 * The store that was handed in, or a new one on JetStream that logs to Nest's logger unless told otherwise.
 *
 * @throws StoreUnavailable when no server answers, ServerTooOld, ProvisioningRefused, MisplacedAggregateType
 */
export async function openStore(options: EventsModuleOptions): Promise<EventStore> {
  if (options.store) return options.store;
  return openJetStreamStore({ ...storeOptions(options), logger: options.logger ?? nestLogger() });
}

/** The service's options mean nothing to the store. */
function storeOptions(options: Exclude<EventsModuleOptions, { store: EventStore }>): JetStreamStoreOptions {
  const own: Record<string, unknown> = { ...options };
  for (const key of SERVICE_KEYS) delete own[key];
  return own;
}

const SERVICE_KEYS = [
  'store',
  'tenantId',
  'source',
  'eventRetentionDays',
  'enableAuditLog',
  'enableEventReplay',
  'enableStateReconstruction',
] as const;
