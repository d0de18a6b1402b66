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
export { type ReconstructedState, type ReconstructOptions, type StateReducer } from './state/reconstruct-state.ts';
export {
  DEFAULT_PROBE_TIMEOUT_MS,
  EventsHealthIndicator,
  type EventsHealth,
} from './health/events.health-indicator.ts';
export { nestLogger } from './logging/nest-logger.ts';

// What a service needs of the packages behind this one, so that it has one to import from.
export {
  AggregateNotFound,
  AnnalsError,
  AppendOutcomeUnknown,
  BatchTooLarge,
  ConcurrencyError,
  CorruptAggregate,
  CorruptEvent,
  CrossStreamAppend,
  HistoryIncomplete,
  IdempotencyKeyReused,
  Overloaded,
  PayloadTooLarge,
  ReducerFailed,
  ResultTooLarge,
  StoreClosed,
  StoreUnavailable,
  ValidationError,
  isAnnalsError,
  isAppendOutcomeUnknown,
  isConcurrencyError,
  isStoreUnavailable,
  isValidationError,
  mergePatchReducer,
  type AggregateEvents,
  type AggregateHead,
  type AggregateRef,
  type AppendResult,
  type AppendedEvent,
  type ErrorCode,
  type EventMessage,
  type EventSource,
  type EventStore,
  type ExpectedVersion,
  type Logger,
  type NewEvent,
  type Position,
  type RecordedEvent,
  type TraceContext,
} from '@annals/core';
export { natsAccessOptions, openJetStreamStore, type JetStreamStoreOptions, type NatsAccess } from '@annals/jetstream';
