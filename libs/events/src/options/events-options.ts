import type { EventSource } from '@annals/core';
import type { FeatureOptions } from '../feature/feature-disabled.ts';
import type { RegistryOptions } from '../registry/registry-options.ts';

/** What the service does; the same on every store. */
export interface EventsOptions extends FeatureOptions, RegistryOptions {
  /**
   * Tenant of every call that names none, and of the events that handlers get. Unset: calls mean `'default'`, handlers
   * get the events of all tenants.
   */
  readonly tenantId?: string | undefined;
  /** First part of the names of durable subscriptions, before class and method; `source.name` unless given. */
  readonly serviceName?: string | undefined;
  /** Milliseconds that a shutdown waits for handlers that run; then their signal is aborted. 10,000. */
  readonly shutdownTimeoutMs?: number | undefined;
  /** Source of every published event that names none. */
  readonly source?: EventSource | undefined;
  /**
   * Days that events are kept, by the time they were stored at. Unset: for ever. Set: a sweep, at the start and then
   * every hour, deletes older ones, but never an aggregate's newest event. Not with a store that is handed in.
   */
  readonly eventRetentionDays?: number | undefined;
}
