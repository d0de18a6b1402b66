import { type DynamicModule, Module, type ModuleMetadata } from '@nestjs/common';
import { AggregateRepositories } from './aggregate-repositories.ts';
import { type AnyAggregate, aggregateToken } from './aggregate-token.ts';

/** What `EventsModule.forFeature` takes beside the aggregates. */
export interface FeatureOfAggregates {
  /** The `EventsModule` to use, where it is not global. */
  readonly imports?: ModuleMetadata['imports'];
}

/** Repositories of aggregates for the module that imports it. */
@Module({})
export class AggregatesModule {
  static of(aggregates: readonly AnyAggregate[], { imports = [] }: FeatureOfAggregates = {}): DynamicModule {
    const tokens = aggregates.map(aggregateToken);
    return {
      module: AggregatesModule,
      imports,
      providers: aggregates.map((aggregate) => ({
        provide: aggregateToken(aggregate),
        useFactory: (repositories: AggregateRepositories) => repositories.of(aggregate),
        inject: [AggregateRepositories],
      })),
      exports: tokens,
    };
  }
}
