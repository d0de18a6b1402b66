/** The tenant of events whose writer names none. */
export const DEFAULT_TENANT = 'default';

/**
 * Names one aggregate: the unit of consistency that versions are counted in.
 *
 * The three parts together are its identity; the same id under another type or tenant is another aggregate.
 */
export interface AggregateRef {
  /** 1–200 bytes once encoded for a subject, any characters. */
  readonly type: string;
  /** 1–200 bytes once encoded for a subject, any characters. */
  readonly id: string;
  /** `'default'` unless given. */
  readonly tenantId?: string | undefined;
}

/** An {@link AggregateRef} whose tenant is filled in. */
export interface ResolvedAggregateRef extends AggregateRef {
  readonly tenantId: string;
}

/** Fills in the default tenant. */
export function resolveAggregateRef(ref: AggregateRef): ResolvedAggregateRef {
  return { tenantId: ref.tenantId ?? DEFAULT_TENANT, type: ref.type, id: ref.id };
}

/** `tenant/type/id`, for messages and logs. Not an encoding: it cannot be parsed back. */
export function describeAggregate(ref: AggregateRef): string {
  return `${ref.tenantId ?? DEFAULT_TENANT}/${ref.type}/${ref.id}`;
}
