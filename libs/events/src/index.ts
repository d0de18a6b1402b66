export { EventsModule } from './events.module.ts';
export { EventsService } from './service/events.service.ts';
export { type IEventsService } from './service/events-service.interface.ts';
export { EVENT_STORE, EVENTS_SERVICE } from './service/tokens.ts';
export { type EventsOptions } from './options/events-options.ts';
export { type EventsModuleOptions, type GivenStore, type OwnStore } from './options/events-module-options.ts';
export { type EventsModuleExtras, type EventsOptionsFactory } from './options/events-module-definition.ts';
export { MAX_RETENTION_DAYS } from './options/service-options.ts';
export { FeatureDisabled, type FeatureOption, type FeatureOptions } from './feature/feature-disabled.ts';
export {
  type EventToPublish,
  type PublishAllOptions,
  type PublishOptions,
  type PublishTarget,
} from './publish/event-to-publish.ts';
export {
  type AggregateReadOptions,
  type EventReplayOptions,
  type LogReadOptions,
  type Moment,
  type TenantOption,
} from './read/replay-options.ts';
export { MAX_ARRAY_EVENTS } from './read/collect-events.ts';
export { type AfterSnapshot } from './read/replay-options.ts';
export { type DomainEventPublisher } from './publish/domain-event-publisher.ts';
export { type DomainEventLike, type PublishTo, type RaisedEvent } from './publish/domain-events.ts';
export { typedEvents, type TypedEvents } from './publish/typed-events.ts';
export { type RegistryOptions } from './registry/registry-options.ts';
export { type EventMigration } from './registry/event-migration.ts';
export { EventType, classEvents, type EventTypeOptions } from './registry/event-type.ts';
export { classValidation } from './registry/class-validation.ts';
export {
  type AggregateSnapshots,
  type ListSnapshotsOptions,
  type SnapshotToRecord,
} from './snapshot/aggregate-snapshots.ts';
export { InjectAggregate, aggregateToken, type AnyAggregate } from './aggregate/aggregate-token.ts';
export { AggregateRepositories, type RepositoryOf } from './aggregate/aggregate-repositories.ts';
export { type FeatureOfAggregates } from './aggregate/aggregates.module.ts';
export { type ReconstructedState, type ReconstructOptions, type StateReducer } from './state/reconstruct-state.ts';
export {
  DEFAULT_PROBE_TIMEOUT_MS,
  EventsHealthIndicator,
  type EventsHealth,
} from './health/events.health-indicator.ts';
export { type SubscriptionHealth } from './health/subscription-watch.ts';
export {
  type Correlation,
  correlationOf,
  currentCorrelation,
  currentEvent,
  runInCorrelation,
} from './correlation/correlation.ts';
export { ProcessesModule, type FeatureOfProcesses } from './process/processes.module.ts';
export { type AnyProcess, type ProcessRegistration } from './process/process-registration.ts';
export { type EventPatterns, type SubscribeOptions } from './subscribe/subscribe-options.ts';
export { type EventHandlerExtras } from './subscribe/handler-options.ts';
export { RejectEvent } from './subscribe/reject-event.ts';
export { type DomainEvent } from './subscriber/domain-event.ts';
export { type DomainEventSubscriber } from './subscriber/domain-event-subscriber.ts';
export { EventContext } from './transport/event-context.ts';
export { EventRecord, EventRecordBuilder } from './transport/event-record.ts';
export { EventsClient, type EventsClientOptions } from './transport/events-client.ts';
export {
  EVENTS_TRANSPORT,
  EventsTransport,
  type EventsTransportEvents,
  type EventsTransportStatus,
} from './transport/events-transport.ts';
export { type EventsTransportOptions } from './transport/events-transport-options.ts';
export { type ModuleImport } from './transport/handler-places.ts';
export { nestLogger } from './logging/nest-logger.ts';

// What a service needs of the packages behind this one, so that it has one to import from.
export {
  AggregateNotFound,
  AggregateRepository,
  AggregateRoot,
  AggregateRootRepository,
  AnnalsError,
  AppendOutcomeUnknown,
  BatchTooLarge,
  ConcurrencyError,
  CorruptAggregate,
  CorruptEvent,
  CrossStreamAppend,
  DeciderFailed,
  EventRegistry,
  HistoryIncomplete,
  IdempotencyKeyReused,
  Overloaded,
  PayloadTooLarge,
  ReducerFailed,
  ResultTooLarge,
  HandlerTimedOut,
  StoreClosed,
  StoreUnavailable,
  SubscriptionConflict,
  SubscriptionNotFound,
  UpcastFailed,
  ValidationError,
  defineAggregate,
  defineProjection,
  customSink,
  ProjectionBehind,
  ProjectionNotFound,
  type DocumentContext,
  type DocumentSink,
  type Projection,
  type ProjectionDefinition,
  type ProjectionSink,
  type ProjectionStatus,
  type ReadModel,
  type RunningProjection,
  defineEvents,
  isAnnalsError,
  isAppendOutcomeUnknown,
  isConcurrencyError,
  isStoreUnavailable,
  isUpcastFailed,
  isValidationError,
  CommandRejected,
  defineProcess,
  mergePatchReducer,
  replaySummary,
  splitInto,
  type ActiveSubscription,
  type Aggregate,
  type AggregateEvents,
  type AggregateHead,
  type AggregateRef,
  type AppliedEvent,
  type AppendResult,
  type AppendedEvent,
  type DataOf,
  type DomainEventToPublish,
  type ErrorCode,
  type EventDeclarations,
  type DeadLetter,
  type DeliveryCause,
  type EventHandler,
  type EventMessage,
  type EventOf,
  type EventSource,
  type EventStore,
  type ExpectedVersion,
  type HandlerContext,
  type HandlingCounts,
  type Logger,
  type NewEvent,
  type NewEventOf,
  type Position,
  type CommandContext,
  type Process,
  type ProcessDecision,
  type ProcessInput,
  type ProcessInstance,
  type ProcessStatus,
  type ProcessTools,
  type RecordedEvent,
  type ReplayJob,
  type ReplayPage,
  type ReplayRequest,
  type ReplaySummary,
  type ReplayTarget,
  type RootSnapshot,
  type Snapshot,
  type SnapshotPolicy,
  type StartFrom,
  type SubscriptionStatus,
  type TraceContext,
} from '@annals/core';
export { natsAccessOptions, openJetStreamStore, type JetStreamStoreOptions, type NatsAccess } from '@annals/jetstream';
export { type ReplayStart } from './replay/replay-start.ts';
export { fileReplays, type FileOptions } from './replay/file-replays.ts';
export { type WebhookOptions } from './replay/webhook-options.ts';
export { webhookReplays } from './replay/webhook-replays.ts';
export { SIGNATURE_HEADER, isWebhookGenuine, signWebhook, type ReceivedWebhook } from './replay/webhook-signature.ts';
export { HostedProjection } from './projection/hosted-projection.ts';
export {
  type AnyProjectionFeature,
  type FeatureOfProjections,
  InjectProjection,
  InjectReadModel,
  type ProjectionFeature,
  ProjectionsModule,
  projectionToken,
  readModelToken,
} from './projection/projections.module.ts';
