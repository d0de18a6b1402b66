import { AggregateRoot, type AggregateRootClass } from '@annals/core';
import type { Aggregate } from '@annals/core';
import { Inject } from '@nestjs/common';

/** An aggregate as `defineAggregate` makes it, or a class of aggregates. */
// Whatever its state, events and commands are.
export type AnyAggregate = Pick<Aggregate<unknown>, 'type' | 'stateVersion'> | AggregateRootClass<AggregateRoot>;

const tokens = new WeakMap<object, symbol>();

/** The token of an aggregate's repository, for `useFactory` and `app.get`. */
export function aggregateToken(aggregate: AnyAggregate): symbol {
  let token = tokens.get(aggregate);
  if (token === undefined) {
    token = Symbol(`repository of ${typeof aggregate === 'function' ? aggregate.name : aggregate.type}`);
    tokens.set(aggregate, token);
  }
  return token;
}

/**
 * Injects the repository of an aggregate that `EventsModule.forFeature` was given.
 *
 * @example
 * constructor(\@InjectAggregate(account) private readonly accounts: RepositoryOf<typeof account>) {}
 */
export function InjectAggregate(aggregate: AnyAggregate): ParameterDecorator & PropertyDecorator {
  return Inject(aggregateToken(aggregate));
}
