import { DEFAULT_TENANT, type EventFilter, checkFilter } from '@annals/core';

/** What live clients can ask for, as it comes in. */
export interface LiveFilterFields {
  readonly tenantId?: string | undefined;
  readonly aggregateType?: string | undefined;
  readonly aggregateId?: string | undefined;
  readonly eventTypes?: readonly string[] | undefined;
  readonly eventType?: string | undefined;
}

/** A checked filter, the same for all that mean the same. */
export interface CanonicalFilter {
  readonly key: string;
  readonly filter: EventFilter;
}

/** @throws ValidationError */
export function canonicalFilter(fields: LiveFilterFields): CanonicalFilter {
  const { tenantId = DEFAULT_TENANT, aggregateType, aggregateId, eventTypes, eventType } = fields;
  const types = new Set([...(eventTypes ?? []), ...(eventType === undefined ? [] : [eventType])]);
  const filter = checkFilter({
    tenantId,
    aggregateType,
    aggregateId,
    // An empty list is left for the check to refuse.
    eventTypes: types.size > 0 ? [...types].sort() : eventTypes,
  });
  return { filter, key: JSON.stringify([tenantId, aggregateType, aggregateId, filter.eventTypes]) };
}
