import {
  type DynamicModule,
  type FactoryProvider,
  Inject,
  Module,
  type ModuleMetadata,
  type Provider,
} from '@nestjs/common';
import type { DocumentContext, EventStore, Projection, ProjectionSink } from '@annals/core';
import { EVENT_STORE } from '../service/tokens.ts';
import { HostedProjection } from './hosted-projection.ts';

/** A projection and where it writes. */
export interface ProjectionFeature<Context> {
  readonly projection: Projection<Context>;
  /** Makes the sink, of what `inject` names; documents that the store keeps itself unless given. */
  readonly useSink?: (...injected: never[]) => ProjectionSink<Context> | Promise<ProjectionSink<Context>>;
  readonly inject?: FactoryProvider['inject'];
}

/** What `ProjectionsModule.forFeature` takes beside the projections. */
export interface FeatureOfProjections {
  /** The modules of what is injected, and the `EventsModule` where it is not global. */
  readonly imports?: ModuleMetadata['imports'];
}

/** A projection into documents, or one that says where it writes. */
export type AnyProjectionFeature = ProjectionFeature<never> | { readonly projection: Projection<DocumentContext> };

/**
 * Runs projections from the application's start to its shutdown.
 *
 * @example
 * \@Module({
 *   imports: [
 *     ProjectionsModule.forFeature([
 *       { projection: userNames },
 *       { projection: revenue, useSink: (database: SqlDatabase) => revenueSink(database), inject: [DATABASE] },
 *     ]),
 *   ],
 * })
 * export class ReadModelsModule {}
 */
@Module({})
export class ProjectionsModule {
  static forFeature(
    features: readonly AnyProjectionFeature[],
    { imports = [] }: FeatureOfProjections = {},
  ): DynamicModule {
    const providers = (features as readonly ProjectionFeature<unknown>[]).flatMap(providersOf);
    return {
      module: ProjectionsModule,
      imports,
      providers,
      exports: providers.map((provider) => (provider as FactoryProvider).provide),
    };
  }
}

/** The token of a {@link HostedProjection}. */
export function projectionToken({ name }: { readonly name: string }): string {
  return `annals projection ${name}`;
}

/** The token of the documents of a projection that the store keeps. */
export function readModelToken({ name }: { readonly name: string }): string {
  return `annals read model ${name}`;
}

/** Injects the {@link HostedProjection} of a projection, to wait for it or to see how far it is. */
export function InjectProjection(projection: { readonly name: string }): ParameterDecorator & PropertyDecorator {
  return Inject(projectionToken(projection));
}

/** Injects the `ReadModel` of a projection into documents that the store keeps. */
export function InjectReadModel(projection: { readonly name: string }): ParameterDecorator & PropertyDecorator {
  return Inject(readModelToken(projection));
}

function providersOf({ projection, useSink, inject = [] }: ProjectionFeature<unknown>): Provider[] {
  const makeSink = useSink as ((...injected: unknown[]) => Promise<ProjectionSink<unknown>>) | undefined;
  const hosted: FactoryProvider = {
    provide: projectionToken(projection),
    useFactory: async (store: EventStore, ...injected: unknown[]) =>
      HostedProjection.of(
        store,
        projection,
        makeSink ? await makeSink(...injected) : (store.projections.documents as ProjectionSink<unknown>),
      ),
    inject: [EVENT_STORE, ...inject],
  };
  if (makeSink) return [hosted];
  const readModel: FactoryProvider = {
    provide: readModelToken(projection),
    useFactory: (store: EventStore) => store.projections.documents.readModel(projection.name),
    inject: [EVENT_STORE],
  };
  return [hosted, readModel];
}
