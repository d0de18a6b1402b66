export { AnnalsError, ERROR_CODES, isAnnalsError, type ErrorCode } from './error/annals-error.ts';
export { ValidationError, isValidationError, type ValidationProblem } from './error/validation-error.ts';
export { StoreClosed, StoreUnavailable, isStoreUnavailable } from './error/store-errors.ts';
export {
  DEFAULT_TENANT,
  describeAggregate,
  resolveAggregateRef,
  type AggregateRef,
  type ResolvedAggregateRef,
} from './event/aggregate-ref.ts';
export {
  type EventMessage,
  type EventPart,
  type EventSource,
  type Position,
  type RecordedEvent,
} from './event/event-message.ts';
export { type NewEvent } from './event/new-event.ts';
export { type TraceContext } from './event/trace-context.ts';
export {
  MAX_TYPE_BYTES,
  MAX_TYPE_TOKENS,
  RESERVED_TYPE_PREFIX,
  eventTypeProblem,
  isReservedType,
} from './event/event-type.ts';
export { MAX_NAME_BYTES, encodedNameBytes, nameProblem } from './event/name.ts';
export { ulidSource, type MessageIdSource } from './event/message-id.ts';
export { expectedVersionProblem, satisfiesExpectation, type ExpectedVersion } from './append/expected-version.ts';
export {
  type AggregateHead,
  type AppendAllOptions,
  type AppendOptions,
  type AppendPart,
  type AppendResult,
  type AppendedEvent,
} from './append/append.ts';
export {
  AppendOutcomeUnknown,
  BatchTooLarge,
  ConcurrencyError,
  CrossStreamAppend,
  IdempotencyKeyReused,
  Overloaded,
  PayloadTooLarge,
  isAppendOutcomeUnknown,
  isConcurrencyError,
} from './append/append-errors.ts';
export { MAX_BATCH_EVENTS, MAX_FIELD_CHARACTERS, MAX_MESSAGE_ID_CHARACTERS, MAX_TAGS } from './append/limits.ts';
export { prepareAppend, type PreparedAppend, type PreparedEvent, type PreparedPart } from './append/prepare-append.ts';
export { appendContentHash, canonicalJson } from './append/content-hash.ts';
export { CHAIN_START, SALT_BYTES, bodyDigest, chainLink, fillSalt } from './integrity/hash-chain.ts';
export {
  type AggregateEvents,
  type Direction,
  type EventFilter,
  type LoadedAggregate,
  type ReadAggregateOptions,
  type ReadAllOptions,
} from './read/read-options.ts';
export { AggregateNotFound, CorruptAggregate, CorruptEvent, ResultTooLarge } from './read/read-errors.ts';
export {
  MAX_FILTER_TYPES,
  checkAggregate,
  checkFilter,
  checkReadAggregate,
  checkReadAll,
  checkTimestamp,
} from './read/check-read.ts';
export { eventPatternProblem, matchesPattern } from './read/event-pattern.ts';
export { matchesFilter } from './read/matches-filter.ts';
export { type FollowOptions, type StartFrom } from './live/follow-options.ts';
export { type CheckedStart, checkStart, checkStartStreams } from './live/check-start.ts';
export {
  HANDLING_DEFAULTS,
  SUBSCRIPTION_DEFAULTS,
  backoffAfter,
  type DeadLetterPolicy,
  type HandlingOptions,
  type SubscriptionDefinition,
  type SubscriptionFilter,
  type SubscriptionMode,
  type SubscriptionOptions,
  type UpcastFailurePolicy,
} from './subscribe/subscription-options.ts';
export {
  MAX_SUBSCRIPTION_NAME,
  checkHandling,
  checkSubscribe,
  checkSubscription,
  checkSubscriptionName,
  subscriptionNameProblem,
  type CheckedHandling,
  type CheckedSubscription,
} from './subscribe/check-subscription.ts';
export { type DeliveryCause, type EventHandler, type HandlerContext } from './subscribe/event-handler.ts';
export { EventHandling, type Delivery, type HandlingOutcome } from './subscribe/handle-event.ts';
export { type LaneTask, Lanes, laneOf } from './subscribe/aggregate-lanes.ts';
export {
  type RewindPreview,
  type SubscriptionStatus,
  type SubscriptionStreamStatus,
} from './subscribe/subscription-status.ts';
export { type ActiveSubscription, type HandlingCounts, type Subscriptions } from './subscribe/subscriptions.ts';
export { HandlerTimedOut, SubscriptionConflict, SubscriptionNotFound } from './subscribe/subscribe-errors.ts';
export {
  deadLetterId,
  parseDeadLetterId,
  type DeadLetter,
  type DeadLetterError,
  type DeadLetterKey,
  type DeadLetterKind,
  type DeadLetterSelection,
} from './dead-letter/dead-letter.ts';
export {
  type DeadLetterPage,
  type DeadLetters,
  type RedriveOptions,
  type RedriveResult,
} from './dead-letter/dead-letters.ts';
export { DeadLetterNotFound } from './dead-letter/dead-letter-not-found.ts';
export { deadLetterError } from './dead-letter/dead-letter-error.ts';
export {
  DEAD_LETTER_KINDS,
  MAX_SELECTED_IDS,
  checkDeadLetterId,
  checkDeadLetterLimit,
  checkDeadLetterSelection,
  checkRedrive,
} from './dead-letter/check-selection.ts';
export { type ReplayFilter, type ReplayRequest, type ReplayTarget } from './replay/replay-request.ts';
export { type ReplayFailure, type ReplayJob, type ReplayResult, type ReplayState } from './replay/replay-job.ts';
export { type ReplayJobs, type ReplayPage } from './replay/replay-jobs.ts';
export { ReplayFinished, ReplayNotFound, ReplayTargetDown, ReplayTargetRefused } from './replay/replay-errors.ts';
export {
  REPLAY_STATES,
  checkReplay,
  checkReplayList,
  replayContentHash,
  targetProblem,
  type CheckedReplay,
} from './replay/check-replay.ts';
export {
  type ReplayOutcome,
  type ReplaySink,
  type ReplaySinkFactory,
  type ReplaySinkState,
  type ReplaySinks,
} from './replay/replay-sink.ts';
export { type ReplayItem, type ReplaySource } from './replay/replay-source.ts';
export { currentSink } from './replay/current-sink.ts';
export { asReplayed, replayedJson } from './replay/replayed-event.ts';
export { MAX_REPLAY_BATCH, ReplayPace } from './replay/replay-pace.ts';
export { ReplayProgress, type ReplayUpdate } from './replay/replay-progress.ts';
export { MAX_FAILURES_IN_A_ROW, runReplay, sampleReplay, type ReplayEnd, type ReplayRun } from './replay/run-replay.ts';
export { isReplayOver, replaySummary, type ReplaySummary } from './replay/replay-summary.ts';
export { EventSplit, splitInto, type MigrateData, type Migration, type SplitPart } from './upcast/migration.ts';
export { type DeclarativeMigration } from './upcast/declarative-migration.ts';
export { Upcaster, type WayToCurrent } from './upcast/upcaster.ts';
export { UpcastFailed, isUpcastFailed } from './upcast/upcast-failed.ts';
export {
  defineEvents,
  type DataOf,
  type EventDeclaration,
  type EventDeclarations,
  type EventOf,
  type NewEventOf,
} from './registry/event-declaration.ts';
export {
  plainClasses,
  schemaProblems,
  type ClassSupport,
  type DataProblems,
  type EventClass,
  type StandardSchema,
} from './registry/event-schema.ts';
export { EventRegistry, type EventRegistryOptions } from './registry/event-registry.ts';
export { withRegistry } from './registry/registered-event-store.ts';
export { storedEvents, type StoredEvents } from './registry/stored-events.ts';
export { currentEvents } from './registry/current-events.ts';
export {
  auditSchemaVersions,
  type AuditOptions,
  type SchemaVersionAudit,
  type StoredSchemaVersion,
} from './upcast/audit-schema-versions.ts';
export { currentHandler } from './registry/current-handler.ts';
export { SubscriptionEnded } from './subscribe/subscription-ended.ts';
export {
  type Snapshot,
  type SnapshotPage,
  type SnapshotSelection,
  type SnapshotSummary,
  type Snapshots,
} from './snapshot/snapshot.ts';
export { MAX_SNAPSHOT_BYTES, checkSnapshot, pageCursor, pageLimit, supersedes } from './snapshot/check-snapshot.ts';
export { checkSnapshotPolicy, isSnapshotDue, type SnapshotPolicy } from './snapshot/snapshot-policy.ts';
export {
  defineAggregate,
  initialStateOf,
  type Aggregate,
  type AggregateDefinition,
  type AnyEvent,
} from './aggregate/define-aggregate.ts';
export { DeciderFailed } from './aggregate/decider-failed.ts';
export { decideEvents } from './aggregate/decide.ts';
export {
  loadState,
  reducerOf,
  type LoadParts,
  type LoadedState,
  type LoadedWithSnapshot,
} from './aggregate/load-aggregate.ts';
export {
  AggregateRepository,
  type EventDefaults,
  type ExecuteOptions,
  type Executed,
  type Moment,
  type RepositoryOptions,
} from './aggregate/aggregate-repository.ts';
export { AggregateRootRepository, type AggregateRootClass, type SaveOptions } from './aggregate/root-repository.ts';
export {
  AggregateRoot,
  type AppliedEvent,
  type DomainEventToPublish,
  type RootSnapshot,
} from './aggregate/aggregate-root.ts';
export { defineProjection, type Projection, type ProjectionDefinition } from './projection/define-projection.ts';
export { advance, covers, sameCheckpoint, sequenceIn, type Checkpoint } from './projection/checkpoint.ts';
export {
  CheckpointMoved,
  CommitTooLarge,
  isCheckpointMoved,
  isCommitTooLarge,
  type Generation,
  type ProjectionSink,
} from './projection/projection-sink.ts';
export { type ProjectionState, type ProjectionStatus } from './projection/projection-status.ts';
export { type Projections, type RunningProjection } from './projection/projections.ts';
export { ProjectionBehind, ProjectionNotFound } from './projection/projection-errors.ts';
export {
  type ProjectionControl,
  type ProjectionRecords,
  type ProjectionTurn,
  type PublishedProjection,
  type WantedProjection,
} from './projection/projection-control.ts';
export { type DocumentContext, type DocumentSink, type ReadModel } from './projection/document-sink.ts';
export { DocumentChanges, checkDocumentKey } from './projection/document-changes.ts';
export { customSink, liveGenerationIn, type OwnStore } from './projection/custom-sink.ts';
export { KeptProjections, type KeptProjectionsParts } from './projection/kept-projections.ts';
export { ProjectionRunner, type ProjectionParts } from './projection/projection-runner.ts';
export { type ProjectedStore } from './projection/projected-store.ts';
export { batchesOf } from './projection/event-batches.ts';
export { defineProcess, eventTypesOf, type Process, type ProcessDefinition } from './process/define-process.ts';
export {
  type EventInput,
  type FailureInput,
  type ProcessError,
  type ProcessInput,
  type ProcessTools,
  type TimeoutInput,
} from './process/process-input.ts';
export {
  type DecidedCommand,
  type DecidedEvents,
  type DecidedTimer,
  type ProcessCommand,
  type ProcessDecision,
  type ProcessOutcome,
} from './process/process-decision.ts';
export {
  PROCESS_INSTANCE_STATES,
  type ProcessInstance,
  type ProcessInstanceState,
  type ProcessInstanceSummary,
  type ProcessStep,
  type ProcessedEvent,
} from './process/process-instance.ts';
export {
  type CommandContext,
  type CommandHandler,
  type ProcessInstancePage,
  type ProcessInstanceSelection,
  type ProcessStart,
  type Processes,
  type RunProcessOptions,
  type RunningProcess,
} from './process/processes.ts';
export { type ProcessState, type ProcessStatus } from './process/process-status.ts';
export {
  CommandRejected,
  ProcessInstanceEnded,
  ProcessInstanceNotFound,
  ProcessNotFound,
} from './process/process-errors.ts';
export {
  type FoundInstance,
  type ProcessRecords,
  type ProcessTurn,
  type PublishedProcess,
} from './process/process-records.ts';
export { type InstanceRef, type KeptEffect, type KeptInstance } from './process/kept-instance.ts';
export { KeptProcesses, type KeptProcessesParts } from './process/kept-processes.ts';
export { type ProcessStore } from './process/process-store.ts';
export { afterEffect } from './process/instance-changes.ts';
export { newInstance, react, type InputCause } from './process/react.ts';
export { type Reducer } from './state/reducer.ts';
export { ReducerFailed, isThenable } from './state/reducer-failed.ts';
export { HistoryIncomplete } from './state/history-incomplete.ts';
export { foldEvent, foldEvents, type FoldedState } from './state/fold-events.ts';
export { mergePatch, mergePatchReducer } from './state/merge-patch.ts';
export { type EventStats } from './stats/event-stats.ts';
export { StoreTally, statsOf } from './stats/store-tally.ts';
export { Tally, type CountedEvent } from './stats/tally.ts';
export { fromTallyRecord, toTallyRecord, type TallyRecord } from './stats/tally-record.ts';
export {
  MisplacedAggregateType,
  ProvisioningRefused,
  ServerTooOld,
  isMisplacedAggregateType,
  isProvisioningRefused,
  isServerTooOld,
  type MisplacedType,
  type StreamDifference,
} from './provision/provision-errors.ts';
export { type EventStore } from './store/event-store.ts';
export { type StoreStatus, type SubscriptionHealth, type StreamStatus } from './store/store-status.ts';
export { silentLogger, type Logger } from './logging/logger.ts';
export { systemClock, type Clock } from './time/clock.ts';
export { compareTimestamps, isWithin, toUtcTimestamp } from './time/timestamp.ts';
