import {
  type AppendPart,
  type NewEvent,
  type ResolvedAggregateRef,
  ValidationError,
  type ValidationProblem,
} from '@annals/core';
import type { Correlation } from '../correlation/correlation.ts';
import type { EventToPublish, PublishDefaults } from './event-to-publish.ts';
import { type ExpectationClaim, expectationOf } from './expectation.ts';

/** A list of events, cut into the parts of one append. */
export interface AppendPlan {
  readonly parts: readonly AppendPart[];
  /** For each part, which events of the list it holds. */
  readonly indexes: readonly (readonly number[])[];
}

interface OpenPart {
  readonly aggregate: ResolvedAggregateRef | undefined;
  readonly tenantId: string;
  readonly events: NewEvent[];
  readonly indexes: number[];
  readonly claims: ExpectationClaim[];
}

/**
 * Groups events by aggregate: one part per aggregate in the order of first mention, its events in the order given.
 *
 * So where a list mixes aggregates (A1, B1, A2), each aggregate keeps its order and versions, and the positions in the
 * log are A1, A2, B1. Neighbouring events without aggregate share a part; they keep their place among the parts.
 *
 * @param correlation of the running code: what events carry that say nothing of it
 * @param pathOf names the event at an index in problems
 * @throws ValidationError with every problem of aggregates and expectations; the rest is checked by the store
 */
export function planAppend(
  events: readonly EventToPublish[],
  correlation: Correlation,
  defaults: PublishDefaults,
  pathOf: (index: number) => string,
): AppendPlan {
  const problems: ValidationProblem[] = [];
  if (!Array.isArray(events)) throw new ValidationError([{ path: 'events', message: 'must be a list' }]);
  const parts: OpenPart[] = [];
  const byAggregate = new Map<string, OpenPart>();
  events.forEach((event: EventToPublish, index) => {
    const path = pathOf(index);
    if (typeof event !== 'object' || event === null) {
      problems.push({ path, message: 'must be an object' });
      return;
    }
    const prefix = path === '' ? '' : `${path}.`;
    const { aggregateId, aggregateType, tenantId, version, expectedVersion, ...envelope } = event;
    const tenant = tenantId ?? defaults.tenantId;
    const part = targetOf(parts, byAggregate, aggregateType, aggregateId, tenant);
    if ((aggregateId === undefined) !== (aggregateType === undefined)) {
      const [missing, there] =
        aggregateId === undefined ? ['aggregateId', 'aggregateType'] : ['aggregateType', 'aggregateId'];
      problems.push({ path: `${prefix}${missing}`, message: `must be given together with ${there}` });
    }
    if (version !== undefined && aggregateId === undefined && aggregateType === undefined) {
      problems.push({ path: `${prefix}version`, message: 'needs an aggregate' });
    }
    part.events.push({
      ...envelope,
      source: envelope.source ?? defaults.source,
      correlationId: envelope.correlationId ?? correlation.correlationId,
      causationId: envelope.causationId ?? correlation.causationId,
      userId: envelope.userId ?? correlation.userId,
    });
    part.indexes.push(index);
    part.claims.push({ path: prefix, version, expectedVersion });
  });
  const planned = parts.map(({ aggregate, tenantId, events: own, claims }) => {
    const expectedVersion = aggregate ? expectationOf(claims, problems) : claims[0]?.expectedVersion;
    return { ...(aggregate ? { aggregate } : { tenantId }), events: own, expectedVersion };
  });
  if (problems.length > 0) throw new ValidationError(problems);
  return { parts: planned, indexes: parts.map((part) => part.indexes) };
}

function targetOf(
  parts: OpenPart[],
  byAggregate: Map<string, OpenPart>,
  type: string | undefined,
  id: string | undefined,
  tenantId: string,
): OpenPart {
  const aggregate = type === undefined || id === undefined ? undefined : { tenantId, type, id };
  const last = parts.at(-1);
  if (!aggregate && last && !last.aggregate && last.tenantId === tenantId) return last;
  const key = aggregate && JSON.stringify([tenantId, type, id]);
  const known = key === undefined ? undefined : byAggregate.get(key);
  if (known) return known;
  const part: OpenPart = { aggregate, tenantId, events: [], indexes: [], claims: [] };
  parts.push(part);
  if (key !== undefined) byAggregate.set(key, part);
  return part;
}
