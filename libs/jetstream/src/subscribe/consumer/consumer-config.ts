import { isDeepStrictEqual } from 'node:util';
import type { SubscriptionDefinition } from '@annals/core';
import { nanos } from '@nats-io/transport-node';
import { serverFilters } from '../../read/server-filters.ts';
import type { StreamBinding } from '../../topology/stream-binding.ts';
import { durableName, wakeSubject } from '../subscription-names.ts';
import type { ConsumerConfig } from './consumer-api.ts';

/** An event that nobody settled or extended for this long is delivered again. */
export const ACK_WAIT_MS = 30_000;
/** Events of a subscription that may be in hand in all processes together. */
export const MAX_ACK_PENDING = 20_000;
/** The priority group that the replicas of an ordered subscription name when they pull. */
export const PRIORITY_GROUP = 'active';
/** An active replica that did not pull anew for this long makes room for another. */
export const PIN_TIMEOUT_MS = 2_000;

/** Storage names: what a subscription's consumer notes in its metadata. Changing one is a migration. */
export const CONSUMER_METADATA = {
  format: 'annals.format',
  store: 'annals.store',
  subscription: 'annals.subscription',
  /** As JSON, for who looks from outside. */
  definition: 'annals.definition',
  /** The stream sequence from which on it was last set to deliver. */
  place: 'annals.place',
  /** Tells one setting to a place from another. */
  placement: 'annals.placement',
  /** There while it is being set to its place: it is paused and must not be used. */
  placing: 'annals.placing',
} as const;

const FORMAT = '1';

export interface ConsumerPlace {
  readonly sequence: number;
  /** Another one each time that a consumer is set to a place, be it the same. */
  readonly placement: string;
  /** True while the consumer is being set there. */
  readonly placing: boolean;
}

/** How the durable consumer of a subscription in one stream has to be set up. @param store name of the default stream */
export function wantedConsumer(
  store: string,
  definition: SubscriptionDefinition,
  binding: StreamBinding,
  place: ConsumerPlace,
): ConsumerConfig {
  const { name: subscription } = definition;
  const name = durableName(subscription);
  const filters = serverFilters(binding.prefix, definition.filter).subjects;
  const subjects = definition.mode === 'ordered' ? [...filters, wakeSubject(binding, subscription)] : filters;
  return {
    durable_name: name,
    name,
    description: `Annals: subscription ${definition.name}`,
    deliver_policy: 'all',
    ack_policy: 'explicit',
    ack_wait: nanos(ACK_WAIT_MS),
    // With a limit on the server an event whose handler dies vanishes without a trace.
    max_deliver: -1,
    max_ack_pending: MAX_ACK_PENDING,
    ...(subjects.length === 1 ? { filter_subject: subjects[0]! } : { filter_subjects: subjects }),
    ...(definition.mode === 'ordered' && {
      priority_groups: [PRIORITY_GROUP],
      priority_policy: 'pinned_client',
      priority_timeout: nanos(PIN_TIMEOUT_MS),
    }),
    metadata: {
      [CONSUMER_METADATA.format]: FORMAT,
      [CONSUMER_METADATA.store]: store,
      [CONSUMER_METADATA.subscription]: definition.name,
      [CONSUMER_METADATA.definition]: JSON.stringify(definition),
      [CONSUMER_METADATA.place]: String(place.sequence),
      [CONSUMER_METADATA.placement]: place.placement,
      ...(place.placing && { [CONSUMER_METADATA.placing]: 'true' }),
    },
  };
}

/** Where a consumer was last set to, by its metadata. */
export function placeOf({ metadata }: ConsumerConfig): ConsumerPlace {
  const sequence = Number(metadata?.[CONSUMER_METADATA.place] ?? 1);
  return {
    sequence: Number.isSafeInteger(sequence) && sequence >= 1 ? sequence : 1,
    placement: metadata?.[CONSUMER_METADATA.placement] ?? '',
    placing: metadata?.[CONSUMER_METADATA.placing] !== undefined,
  };
}

/** True when Annals made the consumer for this subscription of this store. */
export function belongsTo({ metadata }: ConsumerConfig, store: string, subscription: string): boolean {
  return metadata?.[CONSUMER_METADATA.store] === store && metadata[CONSUMER_METADATA.subscription] === subscription;
}

/** True when the replicas divide the consumer as the subscription's mode says. */
export function hasMode(found: ConsumerConfig, { mode }: SubscriptionDefinition): boolean {
  return (found.priority_policy === 'pinned_client') === (mode === 'ordered');
}

/** True when nothing that Annals sets is otherwise; what the server adds by itself does not count. */
export function isAsWanted(found: ConsumerConfig, wanted: ConsumerConfig): boolean {
  return Object.entries(relevant(wanted)).every(([field, value]) =>
    isDeepStrictEqual((relevant(found) as Record<string, unknown>)[field], value),
  );
}

function relevant(config: ConsumerConfig): object {
  const { ack_wait, max_deliver, max_ack_pending, description, priority_timeout, metadata = {} } = config;
  const filters = config.filter_subjects ?? [config.filter_subject ?? '>'];
  const own = Object.values(CONSUMER_METADATA).map((name) => metadata[name] ?? null);
  return {
    ack_wait,
    max_deliver,
    max_ack_pending,
    description,
    filters: [...filters].sort(),
    priorityTimeout: priority_timeout ?? 0,
    own,
  };
}
