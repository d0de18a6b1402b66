import {
  type Aggregate,
  AggregateRepository,
  type AggregateRoot,
  type AggregateRootClass,
  AggregateRootRepository,
  type EventDefaults,
  type EventStore,
  type Logger,
  type RepositoryOptions,
  type TraceContext,
} from '@annals/core';
import { currentCorrelation } from '../correlation/correlation.ts';
import type { ServiceOptions } from '../options/service-options.ts';
import type { AnyAggregate } from './aggregate-token.ts';

/** The repository of an aggregate: `RepositoryOf<typeof account>`, `RepositoryOf<typeof Requirement>`. */
export type RepositoryOf<Of> =
  Of extends AggregateRootClass<infer Root>
    ? AggregateRootRepository<Root>
    : Of extends Aggregate<infer State, infer Event, infer Command>
      ? AggregateRepository<State, Event, Command>
      : never;

type AnyRepository = Pick<AggregateRepository<unknown>, 'settled'>;

/** All repositories of an application, one for each aggregate. */
export class AggregateRepositories {
  private readonly repositories = new Map<AnyAggregate, AnyRepository>();

  constructor(
    private readonly store: EventStore,
    private readonly service: Pick<ServiceOptions, 'tenantId' | 'source'>,
    private readonly logger: Logger,
  ) {}

  of<Of extends AnyAggregate>(aggregate: Of): RepositoryOf<Of> {
    let repository = this.repositories.get(aggregate);
    if (!repository) {
      repository = this.make(aggregate);
      this.repositories.set(aggregate, repository);
    }
    return repository as RepositoryOf<Of>;
  }

  /** Waits until the snapshots that are being taken are kept. */
  async settled(): Promise<void> {
    await Promise.all([...this.repositories.values()].map((repository) => repository.settled()));
  }

  private make(aggregate: AnyAggregate): AnyRepository {
    const { tenantId, source } = this.service;
    const options: RepositoryOptions = {
      tenantId: () => currentCorrelation().tenantId ?? tenantId,
      snapshots: this.store.snapshots,
      logger: this.logger,
      defaults: () => ({ ...ambient(), source }),
    };
    return typeof aggregate === 'function'
      ? new AggregateRootRepository(this.store, aggregate as AggregateRootClass<AggregateRoot>, options)
      : new AggregateRepository(this.store, aggregate as Aggregate<unknown>, options);
  }
}

/** The chain of events that the running code belongs to. */
function ambient(): EventDefaults & { readonly traceContext?: TraceContext | undefined } {
  const { correlationId, causationId, userId, traceContext } = currentCorrelation();
  return Object.fromEntries(
    Object.entries({ correlationId, causationId, userId, traceContext }).filter(([, value]) => value !== undefined),
  );
}
