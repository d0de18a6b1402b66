import { StoreTally } from './store-tally.ts';
import { Tally } from './tally.ts';

/** A tally as JSON; lists of pairs, because names may be anything, also `__proto__`. */
export interface TallyRecord {
  readonly tenants: readonly (readonly [tenantId: string, tally: TenantRecord])[];
}

interface TenantRecord {
  readonly events: number;
  readonly aggregates: number;
  readonly types: readonly (readonly [string, number])[];
  readonly aggregateTypes: readonly (readonly [string, number])[];
  readonly earliest?: string;
  readonly latest?: string;
}

/** A tally in the form that is stored. */
export function toTallyRecord(tally: StoreTally): TallyRecord {
  return {
    tenants: [...tally.byTenant()].map(([tenantId, of]) => [
      tenantId,
      {
        events: of.totalEvents,
        aggregates: of.uniqueAggregates,
        types: [...of.byEventType],
        aggregateTypes: [...of.byAggregateType],
        ...(of.earliest !== undefined && { earliest: of.earliest }),
        ...(of.latest !== undefined && { latest: of.latest }),
      },
    ]),
  };
}

/** Reads a stored tally back; undefined when `record` is none, so that the caller counts anew. */
export function fromTallyRecord(record: unknown): StoreTally | undefined {
  const tenants = (record as TallyRecord | undefined)?.tenants;
  if (!Array.isArray(tenants)) return undefined;
  const store = new StoreTally();
  for (const pair of tenants as unknown[]) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') return undefined;
    const tally = toTally(pair[1]);
    if (!tally) return undefined;
    store.addTenant(pair[0], tally);
  }
  return store;
}

function toTally(record: unknown): Tally | undefined {
  if (typeof record !== 'object' || record === null) return undefined;
  const { events, aggregates, types, aggregateTypes, earliest, latest } = record as Partial<TenantRecord>;
  if (!isCount(events) || !isCount(aggregates) || !arePairs(types) || !arePairs(aggregateTypes)) return undefined;
  if (!isOptionalText(earliest) || !isOptionalText(latest)) return undefined;
  const tally = new Tally();
  tally.totalEvents = events;
  tally.uniqueAggregates = aggregates;
  for (const [type, count] of types) tally.byEventType.set(type, count);
  for (const [type, count] of aggregateTypes) tally.byAggregateType.set(type, count);
  tally.earliest = earliest;
  tally.latest = latest;
  return tally;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string';
}

function arePairs(value: unknown): value is [string, number][] {
  return (
    Array.isArray(value) &&
    value.every((pair) => Array.isArray(pair) && typeof pair[0] === 'string' && isCount(pair[1]))
  );
}
