import { DEFAULT_TENANT, type EventFilter, ValidationError, checkFilter } from '@annals/core';
import type { Direction } from '@annals/core';
import { createHash } from 'node:crypto';

/** Which events are asked for, in which order. All routes that list events come down to this. */
export interface EventSelection {
  /** With the tenant filled in, times in UTC. */
  readonly filter: EventFilter & { readonly tenantId: string };
  readonly direction: Direction;
  /** At most this many events; undefined: the page's default, or all as NDJSON. */
  readonly limit: number | undefined;
  readonly cursor: string | undefined;
}

/** What the DTOs of queries and bodies have in common. */
export interface SelectionFields {
  readonly streamId?: string;
  readonly aggregateId?: string;
  readonly aggregateType?: string;
  readonly eventTypes?: readonly string[];
  readonly eventType?: string;
  readonly fromTimestamp?: string;
  readonly toTimestamp?: string;
  readonly recordedFrom?: string;
  readonly recordedTo?: string;
  readonly fromVersion?: number;
  readonly toVersion?: number;
  readonly tenantId?: string | undefined;
  readonly limit?: number;
  readonly cursor?: string;
  readonly order?: 'asc' | 'desc';
}

/** @throws ValidationError for ranges that end before they begin, and names that disagree */
export function selectionOf(fields: SelectionFields): EventSelection {
  const { streamId, aggregateId, eventType, eventTypes } = fields;
  if (streamId !== undefined && aggregateId !== undefined && streamId !== aggregateId) {
    throw new ValidationError([{ path: 'streamId', message: 'differs from aggregateId, which means the same' }]);
  }
  const types = new Set([...(eventTypes ?? []), ...(eventType === undefined ? [] : [eventType])]);
  const filter = checkFilter({
    tenantId: fields.tenantId ?? DEFAULT_TENANT,
    aggregateId: aggregateId ?? streamId,
    aggregateType: fields.aggregateType,
    eventTypes: types.size > 0 ? [...types].sort() : undefined,
    fromTimestamp: fields.fromTimestamp,
    toTimestamp: fields.toTimestamp,
    recordedFrom: fields.recordedFrom,
    recordedTo: fields.recordedTo,
    fromVersion: fields.fromVersion,
    toVersion: fields.toVersion,
  });
  const direction = fields.order === 'desc' ? 'backwards' : 'forwards';
  return { filter, direction, limit: fields.limit, cursor: fields.cursor };
}

/** Short name of a selection whatever its page: what a cursor is good for. */
export function selectionDigest({ filter, direction }: Pick<EventSelection, 'filter' | 'direction'>): string {
  const fields = Object.entries({ ...filter, direction }).filter(([, value]) => value !== undefined);
  fields.sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url').slice(0, 12);
}

/** True when the filter says more than which aggregates and versions are meant. */
export function looksInside(filter: EventFilter): boolean {
  const { eventTypes, fromTimestamp, toTimestamp, recordedFrom, recordedTo } = filter;
  return [eventTypes, fromTimestamp, toTimestamp, recordedFrom, recordedTo].some((value) => value !== undefined);
}
