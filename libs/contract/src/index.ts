export { PROBLEM_CODES, PROBLEM_TITLES, isProblemCode, type ProblemCode } from './problem/problem-code.ts';
export { isProblem, problemType, type Problem, type ProblemDetail } from './problem/problem.ts';
export { type AppendRequest, type ExpectedVersionBody, type NewEventBody } from './append/append-request.ts';
export { type AppendResponse, type AppendedEventBody } from './append/append-response.ts';
export { type EventBody, type EventSourceBody, type PositionBody } from './event/event-body.ts';
export {
  type AggregateQuery,
  type EventCriteria,
  type ListQuery,
  type Order,
  type PageQuery,
  type ReplayRequest,
} from './read/list-query.ts';
export {
  type AggregateResponse,
  type EventPage,
  type HistoryResponse,
  type ReplayResponse,
} from './read/list-response.ts';
export { NDJSON, isBrokenOffLine, type BrokenOffLine } from './read/ndjson.ts';
export { type ReconstructQuery, type ReconstructRequest, type ReconstructResponse } from './state/reconstruct.ts';
export { type ReducerKind, type StateQuery, type StateResponse } from './state/state.ts';
export { type DiffQuery, type DiffResponse, type PatchOperation, type StateChangeBody } from './state/diff.ts';
export {
  type SnapshotBody,
  type SnapshotRef,
  type SnapshotSummaryBody,
  type SnapshotsQuery,
  type SnapshotsResponse,
} from './snapshot/snapshot-body.ts';
export {
  PROCESS_INSTANCE_STATE_NAMES,
  type EndProcessInstanceRequest,
  type ProcessBody,
  type ProcessErrorBody,
  type ProcessInstanceBody,
  type ProcessInstanceStateName,
  type ProcessInstanceSummaryBody,
  type ProcessInstancesQuery,
  type ProcessInstancesResponse,
  type ProcessedEventBody,
  type ProcessesResponse,
} from './process/process-body.ts';
export { type ProjectionBody, type ProjectionsResponse } from './projection/projection-body.ts';
export {
  type SchemaVersionBody,
  type SchemaVersionsLine,
  type SchemaVersionsResponse,
} from './upcast/schema-versions.ts';
export { type StatsResponse, type StorageBody } from './stats/stats-response.ts';
export {
  type CreateSubscriptionRequest,
  type RewindRequest,
  type StartBody,
  type SubscriptionFilterBody,
} from './subscription/subscription-request.ts';
export {
  type RewindResponse,
  type SubscriptionBody,
  type SubscriptionStreamBody,
  type SubscriptionsResponse,
} from './subscription/subscription-response.ts';
export {
  type DeadLetterCriteria,
  type DeadLetterKindBody,
  type DeadLetterQuery,
  type DeadLetterSelectionBody,
  type PurgeRequest,
  type RedriveRequest,
} from './dead-letter/dead-letter-request.ts';
export {
  type DeadLetterBody,
  type DeadLetterErrorBody,
  type DeadLettersResponse,
  type PurgeResponse,
  type RedriveResponse,
} from './dead-letter/dead-letter-response.ts';
export {
  type ReplayJobRequest,
  type ReplayStateBody,
  type ReplayTargetBody,
  type ReplaysQuery,
} from './replay/replay-job-request.ts';
export {
  type ReplayFailureBody,
  type ReplayFilterBody,
  type ReplayJobBody,
  type ReplaysResponse,
} from './replay/replay-job-response.ts';
export { type LiveFilter, type LiveQuery, type LiveStart } from './live/live-query.ts';
export { MAX_CURSOR_STREAMS, readLiveCursor, writeLiveCursor } from './live/live-cursor.ts';
export {
  type ClientMessage,
  type PingMessage,
  SOCKET_CLOSE,
  type ServerMessage,
  type SubscribeMessage,
  type UnsubscribeMessage,
} from './live/socket-message.ts';
export { type LiveResponse, type ReadyResponse } from './health/health-response.ts';
export {
  EVENT_BASES,
  ROUTES,
  deadLetterRoute,
  processInstanceRoute,
  processRoute,
  projectionRoute,
  reconstructRoute,
  replayJobRoute,
  snapshotRoute,
  subscriptionRoute,
} from './route/routes.ts';
export {
  DEFAULT_BODY_LIMIT_BYTES,
  DEFAULT_PAGE_LIMIT,
  MAX_APPEND_EVENTS,
  MAX_CURSOR_CHARACTERS,
  MAX_DIFF_EVENTS,
  MAX_PAGE_LIMIT,
  MAX_QUERY_TYPES,
  MAX_SOCKET_MESSAGE_BYTES,
  MAX_SUBSCRIPTION_ID_CHARACTERS,
} from './limit/limits.ts';
