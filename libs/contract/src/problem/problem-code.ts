/**
 * Every `code` that a problem document can carry, with its `title`.
 *
 * Codes are stable: clients branch on them. The first group is what the store itself can say, the second what only
 * HTTP can go wrong with.
 */
export const PROBLEM_TITLES = {
  'validation-failed': 'The request is not valid',
  'concurrency-conflict': 'The aggregate is at another version than expected',
  'append-outcome-unknown': 'It is unknown whether the events were stored',
  overloaded: 'Too many appends are waiting',
  'idempotency-key-reused': 'The idempotency key was used for other events',
  'payload-too-large': 'An event is too large',
  'batch-too-large': 'Too many events in one append',
  'cross-stream-append': 'The append would touch several streams',
  'aggregate-not-found': 'There is no such aggregate',
  'result-too-large': 'The result is too large for one answer',
  'feature-disabled': 'This feature is switched off',
  'store-unavailable': 'The event store cannot be reached',
  'store-closed': 'The event store is closed',
  'server-too-old': 'The nats-server is too old',
  'provisioning-refused': 'The streams cannot be brought to the wanted configuration',
  'misplaced-aggregate-type': 'An aggregate type has its events in another stream',
  'corrupt-aggregate': 'An aggregate lacks events',
  'corrupt-event': 'A stored message is no event',
  'reducer-failed': 'The state could not be folded',
  'history-incomplete': 'The oldest events of the aggregate are no longer stored',
  'subscription-not-found': 'There is no such subscription',
  'subscription-conflict': 'The subscription is otherwise than asked for',
  'handler-timed-out': 'A handler took too long',
  'dead-letter-not-found': 'There is no such dead letter',
  'replay-not-found': 'There is no such replay',
  'replay-finished': 'The replay is over',
  'replay-target-refused': 'The target of the replay is refused',
  'upcast-failed': 'An old event could not be migrated',
  'decider-failed': 'A decider broke its contract',
  'projection-not-found': 'There is no such projection',
  'projection-behind': 'The read model is behind',
  'process-not-found': 'There is no such process',
  'process-instance-not-found': 'There is no such instance of the process',
  'process-instance-ended': 'The instance of the process is over',

  'snapshot-not-found': 'There is no such snapshot',
  'no-reducer': 'The gateway has no reducer for this aggregate type',
  'malformed-json': 'The body is not JSON',
  'malformed-request': 'The request is not valid HTTP',
  'request-incomplete': 'The request did not arrive in time',
  'unsupported-media-type': 'The content type is not supported',
  'body-too-large': 'The body is too large',
  'headers-too-large': 'The headers are too large',
  'not-found': 'There is no such route',
  'method-not-allowed': 'The route does not take this method',
  'precondition-failed': 'A precondition of the request does not hold',
  'ambiguous-aggregate': 'Aggregates of several types have this id',
  'host-not-allowed': 'The Host header names a host that is not allowed',
  'origin-not-allowed': 'Pages of this origin may not read the store',
  'upgrade-required': 'The route speaks WebSocket only',
  'too-many-streams': 'Too many streams are open',
  'too-many-live-clients': 'Too many live clients are connected',
  'too-many-live-filters': 'Live clients have too many different filters',
  'too-many-live-subscriptions': 'The socket has too many subscriptions',
  'live-client-too-slow': 'The live client takes too little',
  'request-timeout': 'The answer took too long',
  'shutting-down': 'The gateway is shutting down',
  'internal-error': 'Something went wrong inside the gateway',
} as const;

/** A stable name of one kind of failure. */
export type ProblemCode = keyof typeof PROBLEM_TITLES;

/** Every code, in the order of the reference. */
export const PROBLEM_CODES = Object.keys(PROBLEM_TITLES) as readonly ProblemCode[];

/** True for a code of this version; newer gateways may send others. */
export function isProblemCode(code: unknown): code is ProblemCode {
  return typeof code === 'string' && Object.hasOwn(PROBLEM_TITLES, code);
}
