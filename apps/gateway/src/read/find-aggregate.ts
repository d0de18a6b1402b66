import { type AggregateHead, AggregateNotFound, type AggregateRef, type EventStore } from '@annals/core';
import { HttpProblem } from '../problem/http-problem.ts';

/** An aggregate as a client names it: perhaps by its id alone. */
export interface AggregateName {
  readonly tenantId: string;
  readonly id: string;
  readonly type?: string | undefined;
}

/**
 * The head of a named aggregate.
 *
 * @throws AggregateNotFound; HttpProblem `ambiguous-aggregate` where several types have the id and none was named
 */
export async function findAggregate(store: EventStore, name: AggregateName): Promise<AggregateHead> {
  const aggregate = await resolve(store, name);
  const head = await store.head(aggregate);
  if (head === undefined) throw new AggregateNotFound(aggregate);
  return head;
}

async function resolve(store: EventStore, { tenantId, id, type }: AggregateName): Promise<AggregateRef> {
  if (type !== undefined) return { tenantId, id, type };
  const types = await store.aggregateTypesOf(id, tenantId);
  if (types.length > 1) {
    throw new HttpProblem(
      'ambiguous-aggregate',
      `Aggregates of the types ${types.join(', ')} have the id ${id}: name the type as well.`,
      { aggregateId: id, aggregateTypes: types },
    );
  }
  if (types.length === 0) throw new AggregateNotFound({ tenantId, id });
  return { tenantId, id, type: types[0]! };
}
