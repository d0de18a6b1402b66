export { EventsService } from './service/events.service.ts';
export { type IEventsService } from './service/events-service.interface.ts';
export { EVENT_STORE, EVENTS_SERVICE } from './service/tokens.ts';
export { type EventsOptions } from './options/events-options.ts';
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
